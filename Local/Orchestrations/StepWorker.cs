using System.Collections.Concurrent;
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
    ILoggerFactory loggers,
    ILogger<StepWorker> logger)
{
    /// <summary>More than there are cores: steps mostly wait for their commit, and share its flush.</summary>
    private const int MaxConcurrentSteps = 64;

    /// <summary>How often in a row a step may fail within the engine before the instance is given up.</summary>
    private const int MaxFailures = 3;

    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);

    private readonly ReplaySettings _settings =
        new(options.Value.MaxPayloadBytes, options.Value.MaxHistoryEvents, loggers);

    public Task RunAsync(CancellationToken stopping) => Parallel.ForEachAsync(
        wakeUps.Instances.TakeAllAsync(stopping),
        new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentSteps, CancellationToken = stopping },
        async (instanceId, _) => await StepAsync(instanceId));

    private async Task StepAsync(string instanceId)
    {
        try
        {
            await TryStepAsync(instanceId);
            _failures.TryRemove(instanceId, out _);
        }
        catch (ReplayDivergedException exception)
        {
            await FailAsync(instanceId, exception);
        }
        catch (Exception exception) when (IsOfThisInstance(exception))
        {
            // One instance that cannot be stepped must not stop the others, nor come back for ever.
            if (_failures.AddOrUpdate(instanceId, 1, static (_, failures) => failures + 1) < MaxFailures)
            {
                Log.StepFailed(logger, exception, instanceId);
                wakeUps.Instances.Add(instanceId);
            }
            else
            {
                await FailAsync(instanceId, exception);
            }
        }
        finally
        {
            wakeUps.Instances.Done(instanceId);
        }
    }

    private async Task TryStepAsync(string instanceId)
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

        var result = Replay.Step(orchestration.RunAsync, step, time.GetUtcNow(), _settings);
        if (await store.CommitAsync(step, result) is { } woken)
        {
            woken.ForEach(wakeUps.Instances.Add);
            Announce(step, result.Events);
        }
        else
        {
            // Terminated or replaced meanwhile: what it is now may have messages as well.
            wakeUps.Instances.Add(instanceId);
        }
    }

    private async Task FailAsync(string instanceId, Exception exception)
    {
        Log.InstanceGivenUp(logger, exception, instanceId);
        _failures.TryRemove(instanceId, out _);
        var woken = await store.FailAsync(instanceId, ErrorText.Of(exception), time.GetUtcNow());
        woken.ForEach(wakeUps.Instances.Add);
    }

    /// <summary>SQLite's errors are everybody's, but for those of what was written (too big, constraint, mismatch).</summary>
    private static bool IsOfThisInstance(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is 18 or 19 or 20,
        EngineFencedException => false,
        _ => true,
    };

    private void Announce(PendingStep step, List<HistoryEvent> events)
    {
        if (events.Exists(static happened => happened is HistoryEvent.ActivityScheduled))
        {
            wakeUps.Activities.Set();
        }

        if (events.Exists(static happened => happened is HistoryEvent.TimerCreated or HistoryEvent.EventAwaited))
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

        [LoggerMessage(3, LogLevel.Error, "Instance {InstanceId} could not be stepped and is tried again")]
        public static partial void StepFailed(ILogger logger, Exception exception, string instanceId);

        [LoggerMessage(4, LogLevel.Error, "Instance {InstanceId} cannot be stepped and ends as failed")]
        public static partial void InstanceGivenUp(ILogger logger, Exception exception, string instanceId);
    }
}
