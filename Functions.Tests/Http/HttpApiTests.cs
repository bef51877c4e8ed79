using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Http;

/// <summary>What holds for every answer, whatever the feature.</summary>
public sealed class HttpApiTests(BackendFixture backend)
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/v1/data/notes/none")]
    [InlineData("/nowhere")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        using var client = backend.Anonymous();

        AssertSecurityHeaders(await client.GetAsync(path));
    }

    [Fact]
    public async Task An_answer_to_unreadable_input_carries_the_security_headers_too()
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/data/notes", "{");

        AssertSecurityHeaders(answer);
        Assert.NotEmpty(answer.Headers["X-Correlation-Id"]);
    }

    [Fact]
    public async Task A_sensible_correlation_id_is_echoed_and_another_replaced()
    {
        using var client = backend.Anonymous();

        var echoed = await client.GetAsync("/health/live", ("X-Correlation-Id", "phone-7.a_b"));
        var replaced = await client.GetAsync("/health/live", ("X-Correlation-Id", "<script>"));

        Assert.Equal("phone-7.a_b", echoed.Headers["X-Correlation-Id"]);
        Assert.Matches("^[0-9a-f]{32}$", replaced.Headers["X-Correlation-Id"]);
    }

    [Fact]
    public async Task An_unknown_path_and_a_wrong_method_are_problems()
    {
        using var alice = await backend.NewUserAsync();

        (await alice.GetAsync("/nowhere")).AssertProblem(HttpStatusCode.NotFound, "not_found");
        (await alice.DeleteAsync("/v1/sync")).AssertProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Answers_are_compressed_when_the_client_asks(string encoding)
    {
        using var alice = await backend.NewUserAsync();
        var note = await alice.PostAsync("/v1/data/notes", $$"""{"title":"a","body":"{{new string('x', 5000)}}"}""");

        var answer = await alice.GetAsync($"/v1/data/notes/{note.Id}", ("Accept-Encoding", encoding));

        Assert.Equal(encoding, answer.Headers["Content-Encoding"]);
        Assert.True(answer.Bytes.Length < 1000);
        using var compressed = new MemoryStream(answer.Bytes);
        await using Stream plain = encoding == "gzip"
            ? new GZipStream(compressed, CompressionMode.Decompress)
            : new BrotliStream(compressed, CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(plain, default, TestContext.Current.CancellationToken);
        Assert.Equal(5000, json.RootElement.GetProperty("body").GetString()?.Length);
    }

    [Fact]
    public async Task Health_answers_without_a_token()
    {
        using var client = backend.Anonymous();

        var live = await client.GetAsync("/health/live");
        var ready = await client.GetAsync("/health/ready");

        Assert.Equal("live", live.Json.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Equal("ready", ready.Json.GetProperty("status").GetString());
        Assert.Equal(
            ["records", "media", "orchestrations"],
            ready.Json.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task The_description_is_openapi_3_1_and_lists_every_collection()
    {
        using var client = backend.Anonymous();

        var description = (await client.GetAsync("/openapi.json")).Json;

        Assert.StartsWith("3.1", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = description.GetProperty("paths");
        foreach (var path in new[]
                 {
                     "/v1/data/notes", "/v1/data/notes/{id}", "/v1/data/profiles/{id}", "/v1/sync", "/v1/media",
                     "/v1/media/{id}", "/i/{id}/{preset}", "/health/ready",
                 })
        {
            Assert.True(paths.TryGetProperty(path, out _), path);
        }

        var exchange = paths.GetProperty("/v1/sync").GetProperty("post");
        foreach (var content in new[] { exchange.GetProperty("requestBody"), exchange.GetProperty("responses").GetProperty("200") })
        {
            Assert.Equal(
                ["application/json", "application/x-protobuf", "application/protobuf"],
                content.GetProperty("content").EnumerateObject().Select(format => format.Name));
            var protobuf = content.GetProperty("content").GetProperty("application/x-protobuf").GetProperty("schema");
            Assert.Equal("binary", protobuf.GetProperty("format").GetString());
        }

        Assert.Equal(0, paths.GetProperty("/health/ready").GetProperty("get").GetProperty("security").GetArrayLength());
        var note = description.GetProperty("components").GetProperty("schemas").GetProperty("NotesCreate");
        Assert.Equal(200, note.GetProperty("properties").GetProperty("title").GetProperty("maxLength").GetInt32());
        Assert.Equal(["title"], note.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        var order = description.GetProperty("components").GetProperty("schemas").GetProperty("OrdersCreate");
        Assert.False(order.GetProperty("properties").TryGetProperty("price", out _));
    }

    private void AssertSecurityHeaders(ApiAnswer answer)
    {
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal("DENY", answer.Headers["X-Frame-Options"]);
        Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
        Assert.StartsWith("default-src 'none'", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
        // The Functions host, in front of the app, names its server; what it adds is not the app's to take away.
        Assert.True(backend.IsExternal || !answer.Headers.ContainsKey("Server"));
    }
}
