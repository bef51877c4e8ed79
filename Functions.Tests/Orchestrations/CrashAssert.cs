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

    /// <returns>The ids of all instances.</returns>
    public static List<string> AllComplete(SqliteDatabase database)
    {
        using var provider = new ServiceCollection().AddLoad().AddSingleton<OrchestrationRegistry>().BuildServiceProvider();
        var registry = provider.GetRequiredService<OrchestrationRegistry>();
        var store = new OrchestrationStore(database);
        var instances = database.Read(session => session.Query(
            "SELECT id, run FROM orchestration_instances", row => (Id: row.GetString(0), Run: row.GetInt32(1))));
        Assert.All(instances, instance => AssertComplete(store, registry, instance.Id, instance.Run));
        foreach (var table in new[] { "inbox", "timers", "activities" })
        {
            Assert.Equal(0L, database.Read(session => session.Scalar($"SELECT COUNT(*) FROM orchestration_{table}")));
        }

        Assert.Equal("ok", database.Read(session => session.Scalar("PRAGMA integrity_check")));
        return instances.ConvertAll(instance => instance.Id);
    }

    private static void AssertComplete(OrchestrationStore store, OrchestrationRegistry registry, string id, int run)
    {
        var instance = store.Find(id);
        Assert.NotNull(instance);
        Assert.True(instance.Error is null, $"{id}: {instance.Error}");
        Assert.Equal((id, OrchestrationState.Completed), (id, instance.State));
        if (instance.ParentId is null)
        {
            var parts = id.Split('-');
            var expected = Load.Expected(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
            Assert.Equal((id, $"{expected}"), (id, instance.Output));
        }

        var history = store.ReadHistory(id);
        Assert.NotNull(history);
        var asked = history.Select(TaskAsked).OfType<int>().ToList();
        var answered = history.Select(TaskAnswered).OfType<int>().ToList();
        Assert.Equal(Enumerable.Range(1, asked.Count), asked);
        Assert.Equal(answered.Distinct().Count(), answered.Count);
        // One that waits for an event which is there already has its answer with the question.
        var atOnce = history.OfType<EventAwaited>().Where(wait => wait.Until is null).Select(wait => wait.TaskId);
        Assert.Equal(asked, answered.Union(atOnce).Order());
        AssertReplays(registry, id, run, instance.Name, history);
    }

    /// <summary>The last step, made once more from what came before it, comes to the same.</summary>
    private static void AssertReplays(
        OrchestrationRegistry registry, string id, int run, string name, List<HistoryEvent> history)
    {
        Assert.True(registry.TryGetOrchestration(name, out var handler));
        var last = history.FindLastIndex(happened => happened is StepStarted);
        var messages = history[last..].Where(IsMessage)
            .Select(happened => happened is EventRaised raised ? raised with { TaskId = null } : happened).ToList();
        var step = new PendingStep(id, run, name, history[..last], messages, messages.Count);
        var again = Replay.Step(handler.RunAsync, step, ((StepStarted)history[last]).At, Settings);
        Assert.Equal(history[last..], again.Events);
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
