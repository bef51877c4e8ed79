using System.Runtime.CompilerServices;
using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

/// <summary>Runs scheduled activities, oldest first, some at a time, each in a service scope of its own.</summary>
internal sealed partial class ActivityWorker(
    TaskStore store,
    OrchestrationRegistry registry,
    IServiceScopeFactory scopes,
    WakeUps wakeUps,
    IOptions<OrchestrationOptions> options,
    TimeProvider time,
    ILogger<ActivityWorker> logger)
{
    /// <summary>Bounds what is held in memory, with the limit of one payload.</summary>
    private const int PageSize = 64;

    /// <summary>How long an activity that was cancelled may take to end before its slot is given to another.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly OrchestrationOptions _options = options.Value;

    /// <param name="stopping">Cancels the activities that run; they run again at the next start.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task[] kinds =
        [
            RunAsync(PendingAsync(null, all.Token), _options.MaxConcurrentActivities, all.Token),
            .. _options.MaxConcurrentByActivity.Select(
                limit => RunAsync(PendingAsync(limit.Key, all.Token), limit.Value, all.Token)),
        ];
        await Task.WhenAny(kinds);
        await all.CancelAsync(); // one has failed, or all are to stop
        await Task.WhenAll(kinds);
    }

    private Task RunAsync(IAsyncEnumerable<PendingActivity> pending, int degree, CancellationToken stopping) =>
        Parallel.ForEachAsync(
            pending,
            new ParallelOptions { MaxDegreeOfParallelism = degree, CancellationToken = stopping },
            RunAsync);

    /// <param name="name">A kind of activity that has a limit of its own; null for all that have none.</param>
    /// <param name="ct">Ends it.</param>
    private async IAsyncEnumerable<PendingActivity> PendingAsync(
        string? name, [EnumeratorCancellation] CancellationToken ct)
    {
        // From the beginning: what an earlier process left without an outcome comes first.
        var after = 0L;
        while (true)
        {
            var changed = wakeUps.Activities.Next;
            var last = store.LastActivity();
            var page = name is null
                ? store.ReadActivities(after, last, PageSize)
                : store.ReadActivities(name, after, last, PageSize);
            foreach (var activity in page)
            {
                after = activity.Sequence;
                if (name is not null || !_options.MaxConcurrentByActivity.ContainsKey(activity.Name))
                {
                    yield return activity;
                }
            }

            if (page.Count < PageSize)
            {
                after = Math.Max(after, last);
                await changed.WaitAsync(ct);
            }
        }
    }

    private async ValueTask RunAsync(PendingActivity activity, CancellationToken stopping)
    {
        if (await AttemptAsync(activity, stopping) is { } outcome && await store.RecordAsync(activity, outcome))
        {
            wakeUps.Instances.Add(activity.InstanceId);
        }
    }

    /// <summary>The outcome; null when the engine stopped first, and the attempt does not count.</summary>
    private async Task<HistoryEvent?> AttemptAsync(PendingActivity activity, CancellationToken stopping)
    {
        var longest = activity.Timeout ?? _options.ActivityTimeout;
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        try
        {
            var output = await InvokeAsync(activity, either.Token)
                .WaitAsync(longest + Grace, time, CancellationToken.None);
            PayloadTooLargeException.ThrowIfOver(
                $"output of activity {activity.Name}", output, _options.MaxPayloadBytes);
            return new HistoryEvent.ActivityCompleted(activity.TaskId, output);
        }
        catch (Exception exception) when (stopping.IsCancellationRequested)
        {
            // Whatever it threw: cancelled code often wraps what cancelled it in an exception of its own.
            Log.ActivityInterrupted(logger, exception, activity.Name, activity.InstanceId);
            return null;
        }
        catch (Exception exception)
        {
            var cause = timeout.IsCancellationRequested && exception is OperationCanceledException or TimeoutException
                ? new TimeoutException($"it took longer than {longest}", exception)
                : exception;
            Log.ActivityFailed(logger, cause, activity.Name, activity.InstanceId, activity.Attempt);
            return new HistoryEvent.ActivityFailed(activity.TaskId, ErrorText.Of(cause));
        }
    }

    private async Task<string> InvokeAsync(PendingActivity activity, CancellationToken ct)
    {
        if (!registry.TryGetActivity(activity.Name, out var handler))
        {
            throw new InvalidOperationException($"no activity {activity.Name} is registered");
        }

        await using var scope = scopes.CreateAsyncScope();
        return await handler.RunAsync(scope.ServiceProvider, activity.Input, ct);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Activity {Activity} of instance {InstanceId} failed in attempt {Attempt}")]
        public static partial void ActivityFailed(
            ILogger logger, Exception exception, string activity, string instanceId, int attempt);

        [LoggerMessage(2, LogLevel.Information,
            "Activity {Activity} of instance {InstanceId} was interrupted and runs again at the next start")]
        public static partial void ActivityInterrupted(
            ILogger logger, Exception exception, string activity, string instanceId);
    }
}
