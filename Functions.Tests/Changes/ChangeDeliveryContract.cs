using System.Collections.Concurrent;
using Backend.Changes;
using Backend.Orchestrations;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Changes;

/// <summary>
/// What delivery of changes promises, whatever store tells of them: at least once, in order within a scope, from where a
/// handler is; and what fails holds up its own scope for its own handler only.
/// </summary>
public abstract class ChangeDeliveryContract : IDisposable
{
    private readonly TempFolder _folder = new();

    private static readonly Scope Alice = Scope.ForUser("alice");

    private static readonly Scope Bob = Scope.ForUser("bob");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Changes_are_delivered_in_the_order_of_their_writes()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 250; i++)
        {
            await host.WriteAsync(Alice, $"r{i:000}");
        }

        await host.Handler.DeliveredAsync(Alice, Enumerable.Range(0, 250).Select(i => $"r{i:000}"));
    }

    [Fact]
    public async Task What_was_committed_while_nobody_listened_is_delivered_at_the_next_start()
    {
        await using (var first = await StartAsync())
        {
            await first.WriteAsync(Alice, "before");
            await first.Handler.DeliveredAsync(Alice, ["before"]);
        }

        await using (var silent = await StartAsync(listens: false))
        {
            await silent.WriteAsync(Alice, "meanwhile");
        }

        await using var second = await StartAsync();
        await second.WriteAsync(Alice, "after");
        await second.Handler.DeliveredAsync(Alice, ["meanwhile", "after"]);
    }

    [Fact]
    public async Task A_new_handler_begins_with_what_changes_from_then_on()
    {
        await using (var silent = await StartAsync(listens: false))
        {
            await silent.WriteAsync(Alice, "old");
        }

        await using var host = await StartAsync();
        await host.WriteAsync(Alice, "new");
        await host.Handler.DeliveredAsync(Alice, ["new"]);
    }

    [Fact]
    public async Task Internal_collections_and_what_is_gone_are_not_delivered_and_tombstones_are()
    {
        await using (await StartAsync())
        {
            // The handler has its position now.
        }

        await using (var silent = await StartAsync(listens: false))
        {
            await silent.WriteAsync(Alice, "hidden", "$claims");
            await silent.WriteAsync(Alice, "expired", expiresAt: DateTimeOffset.UnixEpoch);
            await silent.WriteAsync(Alice, "deleted", deleted: true);
        }

        await using var host = await StartAsync();
        await host.Handler.DeliveredAsync(Alice, ["deleted!"]);
    }

    [Fact]
    public async Task A_change_that_fails_is_delivered_again_and_none_of_its_scope_overtakes_it()
    {
        await using var host = await StartAsync();
        host.Handler.Failures["second"] = 2;
        foreach (var id in new[] { "first", "second", "third" })
        {
            await host.WriteAsync(Alice, id);
        }

        await host.Handler.DeliveredAsync(Alice, ["first", "second", "third"]);
        Assert.Equal(0, host.Handler.Failures["second"]);
        await host.NothingWaitsAsync();
    }

    [Fact]
    public async Task A_change_that_always_fails_holds_up_neither_other_scopes_nor_other_handlers()
    {
        await using var host = await StartAsync();
        host.Handler.Failures["poison"] = int.MaxValue;
        await host.WriteAsync(Alice, "poison");
        await host.WriteAsync(Alice, "behind");
        await host.WriteAsync(Bob, "other");

        await host.Handler.DeliveredAsync(Bob, ["other"]);
        await host.Other.DeliveredAsync(Alice, ["poison", "behind"]);
        Assert.Empty(host.Handler.SeenIn(Alice));

        // What comes later waits as well, and does when it is written again.
        await host.WriteAsync(Alice, "later");
        await host.WriteAsync(Bob, "last");
        await host.Handler.DeliveredAsync(Bob, ["other", "last"]);
        Assert.Empty(host.Handler.SeenIn(Alice));

        host.Handler.Failures["poison"] = 0;
        await host.Handler.DeliveredAsync(Alice, ["poison", "behind", "later"]);
        await host.NothingWaitsAsync();
    }

    [Fact]
    public async Task What_waits_is_delivered_after_a_restart()
    {
        await using (var first = await StartAsync())
        {
            first.Handler.Failures["poison"] = int.MaxValue;
            await first.WriteAsync(Alice, "poison");
            await first.WriteAsync(Alice, "behind");
            await first.WaitingAsync(atLeast: 1);
        }

        await using var second = await StartAsync();
        await second.Handler.DeliveredAsync(Alice, ["poison", "behind"]);
    }

    [Fact]
    public async Task A_handler_that_hangs_is_given_up_and_called_again()
    {
        await using var host = await StartAsync(settings: "--Changes:HandlerTimeoutSeconds=1");
        host.Handler.Hanging["slow"] = 1;
        await host.WriteAsync(Alice, "slow");
        await host.WriteAsync(Alice, "behind");
        await host.Handler.DeliveredAsync(Alice, ["slow", "behind"]);
    }

    [Fact]
    public async Task More_changes_than_can_wait_are_all_delivered_and_nothing_else_is_lost()
    {
        await using var host = await StartAsync(settings: "--Changes:MaxWaitingRecords=3");
        await host.WriteAsync(Alice, "before");
        await host.Handler.DeliveredAsync(Alice, ["before"]);
        host.Handler.Failures["poison"] = int.MaxValue;
        await host.WriteAsync(Alice, "poison");
        await host.WaitingAsync(atLeast: 1);
        var ids = Enumerable.Range(0, 120).Select(i => $"r{i:000}").ToList();
        foreach (var id in ids)
        {
            await host.WriteAsync(Alice, id);
        }

        // The list forgets them and reads the whole scope once more, which tells of what was delivered before, too.
        await host.Other.DeliveredAsync(Alice, ["before", "poison", .. ids]);
        host.Handler.Failures["poison"] = 0;
        await host.NothingWaitsAsync();
        Assert.Equal(["before", "before", "poison", .. ids], host.Handler.SeenIn(Alice));
    }

    [Fact]
    public async Task An_admin_sees_what_waits_and_may_skip_the_change_that_fails()
    {
        await using var host = await StartAsync(settings: "--Changes:RetrySeconds=3600");
        host.Handler.Failures["poison"] = int.MaxValue;
        await host.WriteAsync(Alice, "poison");
        await host.WriteAsync(Alice, "behind");
        using var admin = await host.AdminAsync();
        var waiting = (await host.WaitingAsync(atLeast: 1))[0].InstanceId;
        await Eventually.TrueAsync(async () =>
            (await admin.GetAsync($"/v1/admin/orchestrations/{waiting}")).Json.GetProperty("instance")
                .TryGetProperty("customStatus", out var status)
            && status.GetProperty("handler").GetString() == "recorder"
            && status.GetProperty("scope").GetString() == "user/alice"
            && status.GetProperty("failures").GetInt32() == 1
            && status.GetProperty("error").GetString() == "IOException: not now");

        var answer = await admin.PostAsync(
            $"/v1/admin/orchestrations/{waiting}:raiseEvent", """{"name":"Proceed","payload":"skip"}""");
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.Status);
        await host.Handler.DeliveredAsync(Alice, ["behind"]);
        await host.NothingWaitsAsync();
    }

    /// <summary>The store's own settings, the same each time within one test.</summary>
    protected abstract Task<LocalBackend> StartAsync(Action<IServiceCollection> configure, string data, string[] settings);

    private async Task<FeedHost> StartAsync(bool listens = true, params string[] settings)
    {
        var (handler, other) = (new Recorder("recorder"), new Recorder("other"));
        return new FeedHost(
            await StartAsync(
                services =>
                {
                    if (listens)
                    {
                        services.AddSingleton<IRecordChangeHandler>(handler).AddSingleton<IRecordChangeHandler>(other);
                    }
                },
                _folder.Path,
                ["--Changes:MaxRetrySeconds=3600", "--Logging:LogLevel:Default=None", .. settings]),
            handler,
            other);
    }

    private sealed class Recorder(string name) : IRecordChangeHandler
    {
        private readonly ConcurrentQueue<(Scope Scope, string Id)> _seen = new();

        public string Name => name;

        public ConcurrentDictionary<string, int> Failures { get; } = new();

        public ConcurrentDictionary<string, int> Hanging { get; } = new();

        public IEnumerable<string> SeenIn(Scope scope) => _seen.Where(seen => seen.Scope == scope).Select(seen => seen.Id);

        public Task DeliveredAsync(Scope scope, IEnumerable<string> ids)
        {
            var expected = ids.ToList();
            return Eventually.TrueAsync(() =>
            {
                var seen = SeenIn(scope).ToList();
                Assert.Equal(expected.Take(seen.Count), seen);
                return Task.FromResult(seen.Count == expected.Count);
            });
        }

        public Task HandleAsync(StoredRecord record, CancellationToken ct)
        {
            var id = record.Key.Id.Value;
            if (Take(Hanging, id))
            {
                return Task.Delay(Timeout.Infinite, CancellationToken.None); // looks at no token
            }

            if (Take(Failures, id))
            {
                throw new IOException("not now");
            }

            _seen.Enqueue((record.Key.Scope, record.Deleted ? $"{id}!" : id));
            return Task.CompletedTask;
        }

        private static bool Take(ConcurrentDictionary<string, int> counts, string id)
        {
            if (!counts.TryGetValue(id, out var left) || left == 0)
            {
                return false;
            }

            // Not when the test has set it to something else meanwhile.
            counts.TryUpdate(id, left - 1, left);
            return true;
        }
    }

    private sealed class FeedHost(LocalBackend backend, Recorder handler, Recorder other) : IAsyncDisposable
    {
        private readonly IRecordStore _store = backend.App.Services.GetRequiredService<IRecordStore>();

        public Recorder Handler => handler;

        /// <summary>The same for another name, that never fails.</summary>
        public Recorder Other => other;

        public async Task WriteAsync(
            Scope scope, string id, string collection = "notes", bool deleted = false, DateTimeOffset? expiresAt = null)
        {
            Assert.True(RecordId.TryParse(id, out var recordId));
            var record = new StoredRecord
            {
                Key = new RecordKey(scope, collection, recordId),
                Owner = scope.Name,
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Deleted = deleted,
                ExpiresAt = expiresAt,
                Fields = RecordFields.Empty,
            };
            Assert.IsType<WriteOutcome.Written>(await _store.CreateAsync(record, Ct));
        }

        public Task<ApiClient> AdminAsync() =>
            ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "root", "admin");

        /// <summary>What delivers lists of waiting changes.</summary>
        public async Task<IReadOnlyList<OrchestrationInstance>> WaitingAsync(int atLeast)
        {
            IReadOnlyList<OrchestrationInstance> found = [];
            await Eventually.TrueAsync(async () =>
            {
                found = await RunningAsync();
                return found.Count >= atLeast;
            });
            return found;
        }

        public Task NothingWaitsAsync() => Eventually.TrueAsync(async () => (await RunningAsync()).Count == 0);

        public ValueTask DisposeAsync() => backend.DisposeAsync();

        private async Task<IReadOnlyList<OrchestrationInstance>> RunningAsync()
        {
            var orchestrator = backend.App.Services.GetRequiredService<IOrchestrator>();
            var all = await orchestrator.ListAsync(new OrchestrationQuery(Name: "DeliverWaitingChanges"), Ct);
            return [.. all.Items.Where(instance => !instance.State.HasEnded())];
        }
    }
}
