using Backend.Azure.Records;
using Backend.Model;
using Functions.Tests.Fixtures;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Records;

public sealed class CosmosIndexPlanTests(CosmosServerFixture server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_file_that_is_deployed_is_the_plan_of_the_sample_model()
    {
        var plan = CosmosIndexPlan.ToJson(ModelLoader.Load(RepositoryFiles.Model));

        var file = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "infra", CosmosIndexPlan.File));

        Assert.True(plan == file.ReplaceLineEndings("\n"), "Run: dotnet run --project Local -- cosmos-indexes");
    }

    [Fact]
    public void An_index_begins_with_the_collection_ends_with_the_id_and_is_there_once()
    {
        var plan = CosmosIndexPlan.Of(RecordStoreContract.Model).CompositeIndexes.Select(CosmosIndexPlan.Describe).ToList();

        Assert.Contains("/collection, /fields/done, /fields/dueAt DESC, /id DESC", plan);
        Assert.Contains("/collection, /fields/rank, /fields/weight DESC, /fields/title DESC, /id DESC", plan); // from the reverse
        Assert.Contains("/collection, /owner, /fields/rank DESC, /id DESC", plan);
        Assert.Single(plan, "/collection, /updatedAt, /id"); // of the model and of tombstones
        Assert.Equal(plan.Distinct(), plan);
    }

    [Fact]
    public async Task A_container_that_lacks_an_index_fails_the_check_which_names_it_until_it_is_added()
    {
        var options = await server.OptionsAsync();
        using var client = await server.ClientAsync();
        var policy = CosmosIndexPlan.Of(RecordStoreContract.Model);
        policy.CompositeIndexes.Remove(policy.CompositeIndexes.Single(
            index => CosmosIndexPlan.Describe(index) == "/collection, /fields/done, /fields/dueAt DESC, /id DESC"));
        await client.GetDatabase(options.Database).CreateContainerIfNotExistsAsync(
            new ContainerProperties("lacking", "/scope") { DefaultTimeToLive = -1, IndexingPolicy = policy }, cancellationToken: Ct);
        var lacking = new CosmosOptions { Endpoint = options.Endpoint, Database = options.Database, Container = "lacking" };
        var store = new CosmosRecordStore(client, Options.Create(lacking), RecordStoreContract.Model, TimeProvider.System);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => store.CheckAsync(Ct));
        Assert.Contains(": /collection, /fields/done, /fields/dueAt DESC, /id DESC.", error.Message, StringComparison.Ordinal);

        await store.EnsureCreatedAsync(Ct);
        await store.CheckAsync(Ct);
    }
}
