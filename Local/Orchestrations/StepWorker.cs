using Backend.Orchestrations;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

/// <summary>Steps the instances that have messages: load, replay, commit, wake who has work from it.</summary>
internal sealed partial class StepWorker(
    StepStore store,
    OrchestrationRegistry registry,
    WakeUps wakeUps,
    IOptions<OrchestrationOptions> options,
    TimeProvider time,
    ILogger<StepWorker> logger)
{
    /// <summary>More than there are cores: steps mostly wait for their commit, and share its flush.</summary>
    private const int MaxConcurrentSteps = 64;

    public Task RunAsync(CancellationToken stopping) => Parallel.ForEachAsync(
        wakeUps.Instances.TakeAllAsync(stopping),
        new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentSteps, CancellationToken = stopping },
        async (instanceId, _) => await StepAsync(instanceId));

    private async Task StepAsync(string instanceId)
    {
        try
        {
            if (store.Load(instanceId) is not { } step)
            {
                return;
            }

            if (!registry.TryGetOrchestration(step.Orchestration, out var orchestration))
            {
                // Only registered ones can be started, so this is an older or newer program: not the instance's fault.
                Log.UnknownOrchestration(logger, instanceId, step.Orchestration);
                wakeUps.Instances.Park(instanceId);
                return;
            }

            var events = Replay.Step(
                orchestration.RunAsync, instanceId, step.History, step.Messages, time.GetUtcNow(),
                options.Value.MaxPayloadBytes);
            await store.CommitAsync(step, events);
            Announce(step, events);
        }
        catch (Exception exception) when (exception is not SqliteException)
        {
            // One instance that cannot be read must not stop the others. SQLite's errors are everybody's.
            Log.StepFailed(logger, exception, instanceId);
            wakeUps.Instances.Park(instanceId);
        }
        finally
        {
            wakeUps.Instances.Done(instanceId);
        }
    }

    private void Announce(PendingStep step, List<HistoryEvent> events)
    {
        if (events.Exists(static happened => happened is HistoryEvent.ActivityScheduled))
        {
            wakeUps.Activities.Set();
        }

        if (events.Exists(static happened => happened is HistoryEvent.TimerCreated))
        {
            wakeUps.Timers.Set();
        }

        if (events is [.., HistoryEvent.Failed failed])
        {
            Log.InstanceFailed(logger, step.InstanceId, step.Orchestration, failed.Error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Instance {InstanceId} of orchestration {Orchestration} failed: {Error}")]
        public static partial void InstanceFailed(
            ILogger logger, string instanceId, string orchestration, string error);

        [LoggerMessage(2, LogLevel.Error,
            "Instance {InstanceId} waits for a start of a program that has orchestration {Orchestration}")]
        public static partial void UnknownOrchestration(ILogger logger, string instanceId, string orchestration);

        [LoggerMessage(3, LogLevel.Error, "Instance {InstanceId} cannot be stepped and waits for the next start")]
        public static partial void StepFailed(ILogger logger, Exception exception, string instanceId);
    }
}
