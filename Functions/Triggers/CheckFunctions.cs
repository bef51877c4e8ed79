using Backend.Orchestrations.Checks;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Functions.Triggers;

/// <summary>
/// The orchestrations of <see cref="OrchestrationChecks"/>. Functions cannot come and go with a setting, so these are always
/// there; without the setting nothing starts them, since their names are not registered.
/// </summary>
internal sealed class CheckFunctions(DurableHandlers handlers)
{
    [Function(nameof(CheckChain))]
    public Task<string> Chain([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckFanOut))]
    public Task<string> FanOut([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckBoundedFanOut))]
    public Task<string> BoundedFanOut([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckRetries))]
    public Task<string> Retries([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckChoosyRetries))]
    public Task<string> ChoosyRetries([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckTimeout))]
    public Task<string> Timeout([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckTimer))]
    public Task<string> Timer([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckOutput))]
    public Task<string> Output([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckInput))]
    public Task<string> Input([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckEvent))]
    public Task<string> Event([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckEventQueue))]
    public Task<string> EventQueue([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckEventRuns))]
    public Task<string> EventRuns([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckCalls))]
    public Task<string> Calls([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckCallRetries))]
    public Task<string> CallRetries([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckCallOfEvent))]
    public Task<string> CallOfEvent([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckCountDown))]
    public Task<string> CountDown([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckDivergence))]
    public Task<string> Divergence([OrchestrationTrigger] TaskOrchestrationContext context) =>
        handlers.RunOrchestrationAsync(context);

    [Function(nameof(CheckAddOne))]
    public Task<string> AddOne([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(CheckFlaky))]
    public Task<string> Flaky([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(CheckPause))]
    public Task<string> Pause([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);

    [Function(nameof(CheckRepeat))]
    public Task<string> Repeat([ActivityTrigger] string input, FunctionContext context) =>
        handlers.RunActivityAsync(context, input);
}
