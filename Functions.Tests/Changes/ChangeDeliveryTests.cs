using System.Collections.Concurrent;
using Backend.Changes;
using Backend.Records;
using Functions.Tests.Fixtures;
using Local.Changes;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Functions.Tests.Changes;

/// <summary>What the embedded host's change feed promises: at least once, in order, from where a handler is.</summary>
public sealed class ChangeDeliveryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Changes_are_delivered_in_the_order_of_their_writes()
    {
        await using var host = await FeedHost.StartAsync(_folder.Path);
        for (var i = 0; i < 250; i++)
        {
            await host.WriteAsync($"r{i:000}");
        }

        await host.DeliveredAsync(250);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"r{i:000}"), host.Seen.Seen);
    }

    [Fact]
    public async Task What_was_committed_while_nobody_listened_is_delivered_at_the_next_start()
    {
        await using (var first = await FeedHost.StartAsync(_folder.Path))
        {
            await first.WriteAsync("before");
            await first.DeliveredAsync(1);
        }

        await using (var silent = await FeedHost.StartAsync(_folder.Path, listens: false))
        {
            await silent.WriteAsync("meanwhile");
        }

        await using var second = await FeedHost.StartAsync(_folder.Path);
        await second.WriteAsync("after");
        await second.DeliveredAsync(2);
        Assert.Equal(["meanwhile", "after"], second.Seen.Seen);
    }

    [Fact]
    public async Task A_change_that_fails_is_delivered_again_and_none_overtakes_it()
    {
        await using var host = await FeedHost.StartAsync(_folder.Path);
        host.Seen.FailuresOf["second"] = 1;
        foreach (var id in new[] { "first", "second", "third" })
        {
            await host.WriteAsync(id);
        }

        await host.DeliveredAsync(3);
        Assert.Equal(["first", "second", "third"], host.Seen.Seen);
        Assert.Equal(0, host.Seen.FailuresOf["second"]);
    }

    [Fact]
    public async Task Internal_collections_and_what_is_gone_are_not_delivered_and_tombstones_are()
    {
        await using var host = await FeedHost.StartAsync(_folder.Path, listens: false);
        await using (await FeedHost.StartAsync(_folder.Path))
        {
            // The handler has its position now.
        }

        await host.WriteAsync("hidden", "$claims");
        await host.WriteAsync("expired", expiresAt: DateTimeOffset.UnixEpoch);
        await host.WriteAsync("deleted", deleted: true);
        await using var second = await FeedHost.StartAsync(_folder.Path);
        await second.DeliveredAsync(1);
        Assert.Equal(["deleted!"], second.Seen.Seen);
    }

    [Fact]
    public async Task A_new_handler_begins_with_what_changes_from_then_on()
    {
        await using (var silent = await FeedHost.StartAsync(_folder.Path, listens: false))
        {
            await silent.WriteAsync("old");
        }

        await using var host = await FeedHost.StartAsync(_folder.Path);
        await host.WriteAsync("new");
        await host.DeliveredAsync(1);
        Assert.Equal(["new"], host.Seen.Seen);
    }

    private sealed class Recorder : IRecordChangeHandler
    {
        public string Name => "recorder";

        public ConcurrentQueue<string> Seen { get; } = new();

        public ConcurrentDictionary<string, int> FailuresOf { get; } = new();

        public Task HandleAsync(StoredRecord record, CancellationToken ct)
        {
            var id = record.Key.Id.Value;
            if (FailuresOf.TryGetValue(id, out var left) && left > 0)
            {
                FailuresOf[id] = left - 1;
                throw new IOException("not now");
            }

            Seen.Enqueue(record.Deleted ? $"{id}!" : id);
            return Task.CompletedTask;
        }
    }

    private sealed class FeedHost(IHost host) : IAsyncDisposable
    {
        private static readonly Scope Alice = Parse("user/alice");

        private readonly IRecordStore _store = host.Services.GetRequiredService<IRecordStore>();

        public Recorder Seen { get; } = host.Services.GetRequiredService<Recorder>();

        public static async Task<FeedHost> StartAsync(string folder, bool listens = true)
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services
                .AddSingleton(_ => new SqliteDatabase(Path.Combine(folder, "backend.db")))
                .AddSingleton(TimeProvider.System)
                .AddSingleton<IRecordStore, SqliteRecordStore>()
                .AddSingleton<Recorder>()
                .AddChangeDelivery();
            if (listens)
            {
                builder.Services.AddSingleton<IRecordChangeHandler>(provider => provider.GetRequiredService<Recorder>());
            }

            var host = builder.Build();
            await host.StartAsync(Ct);
            return new FeedHost(host);
        }

        public async Task WriteAsync(
            string id, string collection = "notes", bool deleted = false, DateTimeOffset? expiresAt = null)
        {
            Assert.True(RecordId.TryParse(id, out var recordId));
            var record = new StoredRecord
            {
                Key = new RecordKey(Alice, collection, recordId),
                Owner = "alice",
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Deleted = deleted,
                ExpiresAt = expiresAt,
                Fields = RecordFields.Empty,
            };
            Assert.IsType<WriteOutcome.Written>(await _store.CreateAsync(record, Ct));
        }

        public Task DeliveredAsync(int count) => Eventually.TrueAsync(() => Task.FromResult(Seen.Seen.Count >= count));

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync(); // the generic host is one; IHost does not say so
        }

        private static Scope Parse(string text) =>
            Scope.TryParse(text, out var scope) ? scope : throw new ArgumentException(text);
    }
}
