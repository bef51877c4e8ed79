using System.Globalization;
using Functions.Tests.Docs;

namespace Functions.Tests.Cost;

/// <summary>
/// Holds the table of docs/cost.md against what is really sent to Cosmos DB: neither one request more nor a row without its
/// figures goes unnoticed.
/// </summary>
public sealed class CostTests(CostFixture fixture) : IClassFixture<CostFixture>
{
    private static readonly Markdown Page = Markdown.Read("docs/cost.md");

    private static readonly Dictionary<string, string[]> Rows = Page.TableRows()
        .Where(cells => cells.Length == 3 && cells[1].Length > 0 && char.IsAsciiDigit(cells[1][0]) && cells[1].Any(char.IsAsciiLetter))
        .ToDictionary(cells => cells[0], StringComparer.Ordinal);

    public static TheoryData<string> Operations => [.. ApiOperations.All.Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_operation_sends_just_what_the_table_says_and_to_one_partition_each(string operation)
    {
        var act = await ApiOperations.All.First(one => one.Name == operation).Prepare(fixture);
        _ = fixture.Counter.Take();

        var answer = await act();

        var requests = fixture.Counter.Take();
        Assert.Equal(operation.EndsWith("is not there", StringComparison.Ordinal), (int)answer.Status >= 400);
        Assert.Empty(requests.CrossPartition);
        Assert.True(Rows.ContainsKey(operation), $"docs/cost.md lacks | {operation} | {requests} | {Units(requests)} |");
        Assert.Equal($"{operation}: {Rows[operation][1]}: {Rows[operation][2]}", $"{operation}: {requests}: {Units(requests)}");
    }

    [Fact]
    public void Every_row_of_the_table_is_counted() =>
        Assert.Empty(Rows.Keys.Except(ApiOperations.All.Select(operation => operation.Name)));

    [Fact]
    public void The_month_adds_up()
    {
        var month = Page.TableRows().Where(cells => cells.Length == 3 && Rows.ContainsKey(cells[0]) && !cells[1].Any(char.IsAsciiLetter)).ToList();

        Assert.True(month.Count > 5);
        Assert.All(month, cells => Assert.Equal(Number(cells[2]), Number(Rows[cells[0]][2]) * Number(cells[1]) / 1_000_000, 3));
        Assert.Contains($"| **{month.Sum(cells => Number(cells[2])):0.0}** |", Page.Text, StringComparison.Ordinal);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Units(CosmosRequests requests) => requests.Units.ToString("#,0.#", CultureInfo.InvariantCulture);
}
