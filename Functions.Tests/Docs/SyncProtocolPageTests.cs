using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Backend.Sync.Pull;
using Functions.Tests.Fixtures;
using Functions.Tests.Hosting;
using Functions.Tests.Sync;

namespace Functions.Tests.Docs;

/// <summary>Holds docs/sync-protocol.md against the server: whoever writes a client from it must not be misled.</summary>
public sealed class SyncProtocolPageTests
{
    private static readonly Markdown Page = Markdown.Read("docs/sync-protocol.md");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static JsonArray Vectors => JsonNode.Parse(Page.Blocks().Single(block => block.Info == "json checksums").Code)!.AsArray();

    [Fact]
    public async Task Every_example_is_answered_as_the_page_says()
    {
        var examples = Page.Blocks().Where(block => block.Info == "http").Select(block => HttpExample.Parse(block.Code)).ToList();
        Assert.True(examples.Count > 20);
        using var folder = new TempFolder();
        await using var host = LocalProcess.Start("--port", "0", "--data", folder.Path, "--model", RepositoryFiles.Model);
        using var http = new HttpClient { BaseAddress = await host.WaitForUrlAsync() };
        var known = new Dictionary<string, JsonNode>(StringComparer.Ordinal);

        foreach (var example in examples)
        {
            var difference = await example.RunAsync(http, known, Ct);

            Assert.True(difference is null, $"{example.Method} {example.Path} {example.Body}\n→ {difference}");
        }
    }

    [Fact]
    public void All_blocks_of_the_page_are_checked() =>
        Assert.All(Page.Blocks(), block => Assert.Contains(block.Info, (string[])["http", "json checksums"]));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", "$.a is 2, not 1")]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""", "$.b is not expected")]
    [InlineData("""{"a":1,"…":"…"}""", """{"a":1,"b":2}""", null)]
    [InlineData("""{"a":1,"…":"…"}""", """{"b":2}""", "$.a is missing")]
    [InlineData("""["{x}","{x}"]""", """["1","1"]""", null)]
    [InlineData("""["{x}","{x}"]""", """["1","2"]""", "$[1] is \"2\", not \"1\"")]
    [InlineData("""["{x}","a/{x}"]""", """["1","a/1"]""", null)]
    [InlineData("""["{…}","{…}"]""", """["1",{}]""", null)]
    [InlineData("""[1]""", """[1,2]""", "$ is [1,2], not of 1 items")]
    [InlineData("""{"a":[]}""", """{"a":null}""", "$.a is null, not of 0 items")]
    public void An_answer_that_differs_is_noticed(string expected, string actual, string? difference) => Assert.Equal(
        difference?.Replace("is null,", "is ,", StringComparison.Ordinal),
        HttpExample.Difference("$", JsonNode.Parse(expected), JsonNode.Parse(actual), []));

    [Fact]
    public void The_checksums_are_those_of_the_server_and_of_a_client_of_the_page()
    {
        Assert.All(Vectors, vector =>
        {
            var (record, canonical) = (vector!["record"]!, (string?)vector["canonical"]);
            Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(record.ToJsonString()))));
            Assert.Equal(canonical, PageClientChecksum.Canonical(record));
            Assert.Equal((string?)vector["hash"], PageClientChecksum.Of([record]));
        });
        Assert.Contains($"`{PageClientChecksum.Of(Vectors.Select(vector => vector!["record"]!))}`", Page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clock_ticks_as_the_table_says()
    {
        var rows = Page.TableRows().Where(cells => cells is [_, _, ['`', ..], ['`', ..]]).ToList();

        Assert.Equal(3, rows.Count);
        Assert.All(rows, row =>
        {
            var clock = new PageClientClock(() => 0);
            clock.Observe((long.Parse(row[0].Split(' ')[0], CultureInfo.InvariantCulture) << 16) + long.Parse(row[1], CultureInfo.InvariantCulture));
            Assert.Equal(row[2].Trim('`'), PageClientClock.Write(clock.Last));
            Assert.Equal(row[3].Trim('`'), clock.Tick());
        });
    }
}
