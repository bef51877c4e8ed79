using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Http;

public sealed class CorsTests
{
    private const string Origin = "https://app.example.com";

    [Fact]
    public async Task A_page_of_a_configured_origin_may_call_and_read_what_it_needs()
    {
        await using var backend = await LocalBackend.StartAsync(null, $"--Http:CorsOrigins:0={Origin}");
        using var client = new ApiClient(backend.Url, "nobody", null);

        var preflight = await PreflightAsync(client, Origin);
        var answer = await client.GetAsync("/health/live", ("Origin", Origin));

        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal(Origin, preflight.Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("PATCH", preflight.Headers["Access-Control-Allow-Methods"], StringComparison.Ordinal);
        Assert.Equal("600", preflight.Headers["Access-Control-Max-Age"]);
        Assert.Equal(Origin, answer.Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("ETag", answer.Headers["Access-Control-Expose-Headers"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_another_origin_may_not()
    {
        await using var backend = await LocalBackend.StartAsync(null, $"--Http:CorsOrigins:0={Origin}");
        using var client = new ApiClient(backend.Url, "nobody", null);

        Assert.False((await PreflightAsync(client, "https://evil.example")).Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_configuration_no_page_may()
    {
        await using var backend = await LocalBackend.StartAsync();
        using var client = new ApiClient(backend.Url, "nobody", null);

        Assert.False((await PreflightAsync(client, Origin)).Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    private static Task<ApiAnswer> PreflightAsync(ApiClient client, string origin) => client.SendAsync(
        HttpMethod.Options, "/v1/data/notes/1", null,
        ("Origin", origin), ("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "authorization"));
}
