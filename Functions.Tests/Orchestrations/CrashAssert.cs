using System.Globalization;
using Backend.Orchestrations;
using Functions.Tests.CrashHost;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using static Local.Orchestrations.HistoryEvent;

namespace Functions.Tests.Orchestrations;

/// <summary>What must be true of a database when the work is done, however often it was interrupted.</summary>
internal static class CrashAssert
{
    private static readonly ReplaySettings Settings = new(64 * 1024, 50_000, NullLoggerFactory.Instance);

    /// <param name="database">Of the engine that has nothing left to do.</param>
    /// <param name="folder">Where its activities kept their ledger.</param>
    /// <returns>The ids of all instances, with the number of their last runs.</returns>
    public static Dictionary<string, int> AllComplete(SqliteDatabase database, string folder)
    {
        using var provider = new ServiceCollection().AddLoad(folder).AddSingleton<OrchestrationRegistry>().BuildServiceProvider();
        var registry = provider.GetRequiredService<OrchestrationRegistry>();
        var ledger = Ledger.Read(folder).ToHashSet(StringComparer.Ordinal);
        var store = new OrchestrationStore(database);
        var instances = database.Read(session => session.Query(
            "SELECT id, run FROM orchestration_instances", row => (Id: row.GetString(0), Run: row.GetInt32(1))));
        Assert.All(instances, instance => AssertComplete(store, registry, ledger, instance.Id, instance.Run));
        foreach (var table in new[] { "inbox", "timers", "activities" })
        {
            Assert.Equal(0L, database.Read(session => session.Scalar($"SELECT COUNT(*) FROM orchestration_{table}")));
        }

        Assert.Equal("ok", database.Read(session => session.Scalar("PRAGMA integrity_check")));
        return instances.ToDictionary(instance => instance.Id, instance => instance.Run, StringComparer.Ordinal);
    }

    private static void AssertComplete(
        OrchestrationStore store, OrchestrationRegistry registry, HashSet<string> ledger, string id, int run)
    {
        var (instance, history) = (store.Find(id), store.ReadHistory(id));
        Assert.NotNull(instance);
        Assert.NotNull(history);
        AssertReplays(registry, id, run, instance.Name, history);
        var asked = history.Select(TaskAsked).OfType<int>().ToList();
        var answered = history.Select(TaskAnswered).OfType<int>().ToList();
        Assert.Equal(Enumerable.Range(1, asked.Count), asked);
        Assert.Equal(answered.Distinct().Count(), answered.Count);
        if (Load.IsEndless(instance.Name))
        {
            Assert.Equal((id, OrchestrationState.Terminated), (id, instance.State));
            return;
        }

        Assert.True(instance.Error is null, $"{id}: {instance.Error}");
        Assert.Equal((id, OrchestrationState.Completed), (id, instance.State));
        if (instance.ParentId is null)
        {
            var parts = id.Split('-');
            var expected = Load.Expected(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
            Assert.Equal((id, $"{expected}"), (id, instance.Output));
        }

        // One that waits for an event which is there already has its answer with the question.
        var atOnce = history.OfType<EventAwaited>().Where(wait => wait.Until is null).Select(wait => wait.TaskId);
        Assert.Equal(asked, answered.Union(atOnce).Order());
        AssertStamps(ledger, id, history);
    }

    /// <summary>What history has as an outcome is what the activity did, in one of the times that it was run.</summary>
    private static void AssertStamps(HashSet<string> ledger, string id, List<HistoryEvent> history)
    {
        foreach (var stamp in history.OfType<ActivityScheduled>().Where(task => task.Name == Stamp.Definition.Name))
        {
            var outcome = history.OfType<ActivityCompleted>().Single(done => done.TaskId == stamp.TaskId);
            Assert.Contains($"{id} {outcome.Output.Trim('"')}", ledger);
        }
    }

    /// <summary>Every step, made once more from what came before it, comes to the same.</summary>
    private static void AssertReplays(
        OrchestrationRegistry registry, string id, int run, string name, List<HistoryEvent> history)
    {
        Assert.True(registry.TryGetOrchestration(name, out var handler));
        // Termination is no part of a step.
        var steps = history is [.., Terminated] ? history[..^1] : history;
        for (var (end, start) = (steps.Count, 0); end > 0; end = start)
        {
            start = steps.FindLastIndex(end - 1, happened => happened is StepStarted);
            var messages = steps[start..end].Where(IsMessage)
                .Select(happened => happened is EventRaised raised ? raised with { TaskId = null } : happened).ToList();
            var step = new PendingStep(id, run, name, steps[..start], messages, messages.Count);
            var again = Replay.Step(handler.RunAsync, step, ((StepStarted)steps[start]).At, Settings);
            Assert.Equal(steps[start..end], again.Events);
        }
    }

    private static bool IsMessage(HistoryEvent happened) =>
        happened is Started or EventRaised || TaskAnswered(happened) is not null;

    private static int? TaskAsked(HistoryEvent happened) => happened switch
    {
        ActivityScheduled e => e.TaskId,
        TimerCreated e => e.TaskId,
        SubOrchestrationCreated e => e.TaskId,
        EventAwaited e => e.TaskId,
        _ => null,
    };

    private static int? TaskAnswered(HistoryEvent happened) => happened switch
    {
        ActivityCompleted e => e.TaskId,
        ActivityFailed e => e.TaskId,
        TimerFired e => e.TaskId,
        SubOrchestrationCompleted e => e.TaskId,
        SubOrchestrationFailed e => e.TaskId,
        EventRaised e => e.TaskId,
        _ => null,
    };
}
