using Backend.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Functions.Orchestrations;

/// <summary>Runs what the host calls: the orchestration or activity that has the called function's name.</summary>
internal sealed partial class DurableHandlers(
    OrchestrationRegistry registry, TimeProvider time, ILoggerFactory loggers, ILogger<DurableHandlers> logger)
{
    /// <summary>Below the host's own limit for a function (host.json), which would end the whole process.</summary>
    private static readonly TimeSpan ActivityTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Nothing but the context may be used: this is replayed.</summary>
    public async Task<string> RunOrchestrationAsync(TaskOrchestrationContext context)
    {
        if (!registry.TryGetOrchestration(context.Name, out var handler))
        {
            throw new InvalidOperationException($"no orchestration {context.Name} is registered");
        }

        var own = new DurableOrchestrationContext(context, loggers);
        try
        {
            var output = await handler.RunAsync(own, context.GetInput<string>() ?? "null");
            PayloadTooLargeException.ThrowIfOver("output of the orchestration", output, DurablePayload.MaxBytes);
            return output;
        }
        catch (Exception exception)
        {
            own.KeepError(exception);
            throw;
        }
    }

    /// <returns>An <see cref="ActivityOutcome"/> as JSON.</returns>
    public async Task<string> RunActivityAsync(FunctionContext context, string input)
    {
        var name = context.FunctionDefinition.Name;
        var call = ActivityCall.Parse(input);
        var longest = call.TimeoutMilliseconds is { } own ? TimeSpan.FromMilliseconds(own) : ActivityTimeout;
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, timeout.Token);
        try
        {
            if (!registry.TryGetActivity(name, out var handler))
            {
                throw new InvalidOperationException($"no activity {name} is registered");
            }

            var output = await handler.RunAsync(context.InstanceServices, call.Input, either.Token);
            PayloadTooLargeException.ThrowIfOver($"output of activity {name}", output, DurablePayload.MaxBytes);
            return new ActivityOutcome(Output: output).ToJson();
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            var cause = timeout.IsCancellationRequested && exception is OperationCanceledException
                ? new TimeoutException($"it took longer than {longest}", exception)
                : exception;
            LogFailed(cause, name, InstanceOf(context));
            return new ActivityOutcome(Error: ErrorText.Of(cause)).ToJson();
        }
    }

    private static string InstanceOf(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("instanceId", out var id) ? id?.ToString() ?? "" : "";

    [LoggerMessage(LogLevel.Warning, "Activity {Activity} of instance {InstanceId} failed")]
    private partial void LogFailed(Exception exception, string activity, string instanceId);
}
