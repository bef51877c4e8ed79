using System.Text.Json;
using Backend.Azure.Records;
using Backend.Rules.Sql;
using Functions.Tests.Fixtures;
using Microsoft.Azure.Cosmos;

namespace Functions.Tests.Rules;

/// <summary>The table and the agreement with the evaluator, answered by a Cosmos server from documents as the store writes them.</summary>
public sealed class CosmosScenarioTests(CosmosServerFixture server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cosmos_answers_every_row_of_the_table()
    {
        using var client = await server.ClientAsync();
        var container = await FillAsync(client);
        var wrong = new List<string>();
        foreach (var group in Rows().GroupBy(row => (row.Expression, row.Caller)))
        {
            var predicate = Scenarios.Parse(group.Key.Expression).ToPredicate(new CosmosDialect(), group.First().Context);
            var ids = await IdsAsync(container, predicate);
            wrong.AddRange(group
                .Where(row => ids.Contains(row.Record) != row.Expected)
                .Select(row => $"{row.Expression} of {row.Record} for {row.Caller} is not {row.Expected}: {predicate.Sql}"));
        }

        ScenarioTests.AssertNone(wrong);
    }

    [Fact]
    public async Task Cosmos_and_the_evaluator_agree_on_every_expression_and_its_negation_for_every_record()
    {
        using var client = await server.ClientAsync();
        var container = await FillAsync(client);
        var wrong = new List<string>();
        foreach (var row in Rows().DistinctBy(row => (row.Expression, row.Caller)))
        {
            foreach (var text in (string[])[row.Expression, $"!({row.Expression})"])
            {
                var filter = Scenarios.Parse(text);
                var expected = Scenarios.Records.Where(record => filter.Matches(row.Context, record)).Select(r => r.Key.Id.Value).Order();
                var predicate = filter.ToPredicate(new CosmosDialect(), row.Context);
                var actual = (await IdsAsync(container, predicate)).Order().ToList();
                if (!expected.SequenceEqual(actual))
                {
                    wrong.Add($"{text} for {row.Caller}: {string.Join(' ', actual)} instead of {string.Join(' ', expected)}: {predicate.Sql}");
                }
            }
        }

        ScenarioTests.AssertNone(wrong);
    }

    /// <summary>All of them on a real server.</summary>
    private static IEnumerable<Scenario> Rows() =>
        Scenarios.All.Where(row => row.StandInGap is null || !CosmosServerFixture.IsStandIn);

    private async Task<Container> FillAsync(CosmosClient client)
    {
        var options = await server.OptionsAsync();
        var container = client.GetContainer(options.Database, options.Container);
        foreach (var record in Scenarios.Records)
        {
            using var response = await container.UpsertItemStreamAsync(
                RecordDocument.Write(record, TimeProvider.System.GetUtcNow()), Partition, cancellationToken: Ct);
            response.EnsureSuccessStatusCode();
        }

        return container;
    }

    private static async Task<HashSet<string>> IdsAsync(Container container, Predicate predicate)
    {
        var query = new QueryDefinition($"SELECT VALUE c.id FROM c WHERE c.scope = @scope AND {predicate.Sql}")
            .WithParameter("@scope", Scenarios.Scope.Value);
        foreach (var (name, value) in predicate.Parameters)
        {
            query = query.WithParameter(name, value);
        }

        var ids = new HashSet<string>();
        using var pages = container.GetItemQueryStreamIterator(
            query, requestOptions: new QueryRequestOptions { PartitionKey = Partition });
        while (pages.HasMoreResults)
        {
            using var page = await pages.ReadNextAsync(Ct);
            Assert.True(page.IsSuccessStatusCode, $"{query.QueryText}: {page.ErrorMessage}");
            using var body = await JsonDocument.ParseAsync(page.Content, cancellationToken: Ct);
            foreach (var id in body.RootElement.GetProperty("Documents").EnumerateArray())
            {
                ids.Add(id.GetString()?.Split(':')[1] ?? "");
            }
        }

        return ids;
    }

    private static PartitionKey Partition => new(Scenarios.Scope.Value);
}
