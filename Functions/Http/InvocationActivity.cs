using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Functions.Http;

/// <summary>
/// Makes the host's trace the current one. Without a listener the worker does not, and then neither problem details nor
/// log lines could name the trace that they belong to.
/// </summary>
internal sealed class InvocationActivity : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (Activity.Current is not null)
        {
            await next(context);
            return;
        }

        using var activity = new Activity(context.FunctionDefinition.Name);
        if (context.TraceContext.TraceParent is { Length: > 0 } parent)
        {
            activity.SetParentId(parent);
            activity.TraceStateString = context.TraceContext.TraceState;
        }

        activity.Start();
        await next(context);
    }
}
