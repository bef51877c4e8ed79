using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class CachingTests : IDisposable
{
    private readonly ModelFolder _model = new ModelFolder()
        .With("news", """ "text":{"type":"string"} """, "public", $"{ModelFolder.Open},\"cache\":{{\"maxAgeSeconds\":60,\"public\":true}}")
        .With("drafts", """ "text":{"type":"string"} """, "user", $"{ModelFolder.Open},\"cache\":{{\"maxAgeSeconds\":5}}")
        .With("plain", """ "text":{"type":"string"} """);

    [Theory]
    [InlineData("news", "public, max-age=60", false)]
    [InlineData("drafts", "private, max-age=5", true)]
    [InlineData("plain", "private, no-cache", true)]
    public async Task Reads_say_how_long_they_are_good_and_writes_do_not(string collection, string cacheControl, bool variesByCaller)
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        var created = await alice.PostAsync($"/v1/data/{collection}", """{"text":"a"}""");
        var path = $"/v1/data/{collection}/{created.Id}";

        ApiAnswer[] reads =
        [
            await alice.GetAsync(path),
            await alice.SendAsync(HttpMethod.Head, path, null),
            await alice.GetAsync(path, ("If-None-Match", created.ETag ?? "")),
            await alice.GetAsync($"/v1/data/{collection}"),
        ];

        Assert.All(reads, read =>
        {
            Assert.Equal(cacheControl, Normal(read.Headers["Cache-Control"]));
            Assert.Equal(variesByCaller, read.Headers.GetValueOrDefault("Vary")?.Contains("Authorization", StringComparison.Ordinal) is true);
        });
        Assert.Equal("private, no-cache", Normal(created.Headers["Cache-Control"]));
        Assert.Equal("private, no-cache", Normal((await alice.PatchAsync(path, """{"text":"b"}""")).Headers["Cache-Control"]));
        Assert.Equal("no-store", (await alice.GetAsync($"/v1/data/{collection}/none")).Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_list_whose_filter_asks_who_the_caller_is_stays_with_the_caller()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);

        var mine = await alice.GetAsync("/v1/data/news?filter=owner%20==%20user.id");
        var all = await alice.GetAsync("/v1/data/news?filter=text%20==%20'a'");

        Assert.Equal("private, max-age=60", Normal(mine.Headers["Cache-Control"]));
        Assert.Equal("public, max-age=60", Normal(all.Headers["Cache-Control"]));
    }

    public void Dispose() => _model.Dispose();

    /// <summary>The client's parser has an order of its own.</summary>
    private static string Normal(string header) => string.Join(", ", header.Split(", ").OrderDescending(StringComparer.Ordinal)
        .OrderBy(part => part is "public" or "private" ? 0 : 1));
}
