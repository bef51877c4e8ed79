using System.Text;
using Backend.Azure.Records;
using Backend.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Records;

public sealed class CosmosRecordStoreTests(CosmosServerFixture server) : RecordStoreContract, IDisposable
{
    private readonly List<CosmosClient> _clients = [];

    public void Dispose() => _clients.ForEach(client => client.Dispose());

    protected override async Task<IRecordStore> CreateStoreAsync(TimeProvider time) => await CreateStoreAsync(_ => { }, time);

    [Fact]
    public async Task A_record_that_expires_carries_its_time_to_live_and_a_reborn_one_none()
    {
        var time = new ManualTime(Noon);
        var store = await CreateStoreAsync(time);
        var alive = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));

        var dead = Written(await store.ReplaceAsync(alive with { Deleted = true, ExpiresAt = Noon.AddDays(2) }, alive.ETag, Ct));
        Assert.Contains("\"ttl\":172800", await RawAsync(alive.Key), StringComparison.Ordinal);

        Written(await store.ReplaceAsync(alive, dead.ETag, Ct));
        Assert.DoesNotContain("\"ttl\"", await RawAsync(alive.Key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_container_is_an_error_and_not_a_missing_record()
    {
        var store = await CreateStoreAsync(options => options.Container = "elsewhere");

        await Assert.ThrowsAsync<CosmosException>(() => store.FindAsync(NewKey(), Ct));
        await Assert.ThrowsAsync<CosmosException>(() => store.CreateAsync(NewRecord(NewKey()), Ct));
        await Assert.ThrowsAsync<CosmosException>(() => store.ReplaceAsync(NewRecord(NewKey()), new ETag("x"), Ct));
        await Assert.ThrowsAsync<CosmosException>(() => store.ReadChangesAsync(NewScope(), null, 10, Ct));
        await Assert.ThrowsAsync<CosmosException>(() => store.CheckAsync(Ct));
    }

    [Fact]
    public async Task A_container_that_never_expires_anything_fails_the_check()
    {
        var client = await ClientAsync();
        var options = await server.OptionsAsync();
        await client.GetDatabase(options.Database).CreateContainerIfNotExistsAsync(
            new ContainerProperties("without-ttl", "/scope"), cancellationToken: Ct);
        var store = await CreateStoreAsync(changed => changed.Container = "without-ttl");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => store.CheckAsync(Ct));

        Assert.Contains("time to live", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_position_of_another_scope_opens_nothing()
    {
        var store = await CreateStoreAsync();
        var (mine, theirs) = (NewScope(), NewScope());
        await CreateAsync(store, mine, 1);
        await CreateAsync(store, theirs, 1);
        var position = (await store.ReadChangesAsync(theirs, null, 1, Ct)).Position;
        await CreateAsync(store, theirs, 1);

        await Assert.ThrowsAnyAsync<Exception>(() => store.ReadChangesAsync(mine, position, 10, Ct));
    }

    [Fact]
    public async Task A_query_of_one_scope_is_sorted_by_the_database()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        foreach (var n in (int[])[2, 3, 1])
        {
            await store.CreateAsync(NewRecord(NewKey(scope), $$"""{"n":{{n}}}"""), Ct);
        }

        var options = await server.OptionsAsync();
        var query = new QueryDefinition("SELECT * FROM c WHERE c.scope = @scope ORDER BY c.fields.n DESC")
            .WithParameter("@scope", scope.Value);
        using var pages = (await ClientAsync()).GetContainer(options.Database, options.Container).GetItemQueryStreamIterator(
            query, requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey(scope.Value) });
        var records = new List<StoredRecord>();
        while (pages.HasMoreResults)
        {
            using var page = await pages.ReadNextAsync(Ct);
            var body = new MemoryStream();
            await page.EnsureSuccessStatusCode().Content.CopyToAsync(body, Ct);
            RecordDocument.ReadPage(body.ToArray(), scope, records);
        }

        Assert.Equal([3, 2, 1], records.Select(r => r.Fields.Element.GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task Registered_in_a_host_it_takes_the_client_it_is_given_and_creates_what_is_missing()
    {
        var options = await server.OptionsAsync();
        var database = $"{options.Database}-host";
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cosmos:Endpoint"] = options.Endpoint?.ToString(),
            ["Cosmos:Database"] = database,
            ["Cosmos:CreateIfMissing"] = "true",
            ["Cosmos:MaxThrottleWait"] = "00:00:07",
        });
        builder.Services.AddSingleton(await ClientAsync());
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(Model);
        builder.Services.AddCosmosRecords();
        using var host = builder.Build();

        await host.StartAsync(Ct);
        try
        {
            await host.Services.GetRequiredService<IRecordStore>().CheckAsync(Ct);
            Assert.Equal(7, host.Services.GetRequiredService<IOptions<CosmosOptions>>().Value.MaxThrottleWait.TotalSeconds);
        }
        finally
        {
            await (await ClientAsync()).GetDatabase(database).DeleteAsync(cancellationToken: Ct);
            await host.StopAsync(Ct);
        }
    }

    private async Task<CosmosRecordStore> CreateStoreAsync(Action<CosmosOptions> change, TimeProvider? time = null)
    {
        var from = await server.OptionsAsync();
        var options = new CosmosOptions { Endpoint = from.Endpoint, Database = from.Database, Container = from.Container };
        change(options);
        return new CosmosRecordStore(await ClientAsync(), Options.Create(options), Model, time ?? TimeProvider.System);
    }

    private async Task<CosmosClient> ClientAsync()
    {
        _clients.Add(await server.ClientAsync());
        return _clients[^1];
    }

    private async Task<string> RawAsync(RecordKey key)
    {
        var options = await server.OptionsAsync();
        var container = (await ClientAsync()).GetContainer(options.Database, options.Container);
        using var response = await container.ReadItemStreamAsync(
            RecordDocument.IdOf(key), new PartitionKey(key.Scope.Value), cancellationToken: Ct);
        using var reader = new StreamReader(response.EnsureSuccessStatusCode().Content, Encoding.UTF8);
        return await reader.ReadToEndAsync(Ct);
    }
}
