using System.Text.Json.Nodes;
using Backend.Azure.Records;
using Backend.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Sync;

/// <summary>The position of Cosmos DB's change feed moves with every write of the partition server, whichever scope it is for.</summary>
public sealed class ChecksumOnCosmosTests(CosmosServerFixture server)
{
    [Fact]
    public async Task A_scope_at_rest_has_checksums_while_others_are_written()
    {
        using var client = await server.ClientAsync();
        var store = new CosmosRecordStore(client, Options.Create(await server.OptionsAsync()), RecordStoreContract.Model, TimeProvider.System);
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordStore>(new BusyStore(store)));
        using var alice = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), $"user-{Guid.NewGuid():n}");
        await alice.PostAsync("/v1/data/notes", """{"title":"n"}""");

        var pull = new JsonObject { ["pull"] = new JsonArray(new JsonObject { ["scope"] = alice.Scope, ["checksum"] = true }) };
        var changes = (await alice.PostAsync("/v1/sync", pull.ToJsonString())).Json.GetProperty("changes")[0];

        Assert.Equal(1, changes.GetProperty("checksums")[0].GetProperty("count").GetInt32());
    }

    /// <summary>Somebody else writes before every read.</summary>
    private sealed class BusyStore(IRecordStore store) : StoreInFront(store)
    {
        private readonly IRecordStore _inner = store;

        protected override async Task<T> ReadAsync<T>(Func<Task<T>> read)
        {
            var now = TimeProvider.System.GetUtcNow();
            var scope = Scope.ForUser("somebody-else");
            await _inner.CreateAsync(
                new StoredRecord
                {
                    Key = new RecordKey(scope, "notes", RecordId.New(now)), Owner = "somebody-else", CreatedAt = now, UpdatedAt = now,
                    Fields = RecordFields.Empty,
                },
                CancellationToken.None);
            return await read();
        }
    }
}
