using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Model;

public sealed class ModelApiTests(BackendFixture backend)
{
    [Fact]
    public async Task Clients_learn_the_version_the_collections_and_the_fields_and_no_rules()
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.GetAsync("/v1/model");

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.Status, answer.ContentType));
        var json = answer.Json;
        Assert.True(json.GetProperty("version").GetInt32() >= 1);
        Assert.Matches("^[0-9a-f]{16}$", json.GetProperty("hash").GetString());
        var notes = json.GetProperty("collections").GetProperty("notes");
        Assert.Contains("user", notes.GetProperty("scope").EnumerateArray().Select(kind => kind.GetString()));
        Assert.Equal("""{"type":"string","required":true,"maxLength":200}""", notes.GetProperty("fields").GetProperty("title").GetRawText());
        Assert.Equal("""{"type":"reference","collection":"notebooks"}""", notes.GetProperty("fields").GetProperty("notebook").GetRawText());
        Assert.False(notes.TryGetProperty("rules", out _));
    }

    [Fact]
    public async Task The_answer_is_kept_by_its_caller_and_asked_for_again()
    {
        using var alice = await backend.NewUserAsync();
        using var nobody = backend.Anonymous();
        var answer = await alice.GetAsync("/v1/model");

        Assert.Equal(["no-cache", "private"], answer.Headers["Cache-Control"].Split(", ").Order());
        Assert.Contains("Authorization", answer.Headers["Vary"], StringComparison.Ordinal);
        var again = await alice.GetAsync("/v1/model", ("If-None-Match", answer.ETag ?? ""));
        Assert.Equal((HttpStatusCode.NotModified, answer.ETag, 0), (again.Status, again.ETag, again.Bytes.Length));
        Assert.Equal(HttpStatusCode.OK, (await alice.SendAsync(HttpMethod.Head, "/v1/model", null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/v1/model")).Status);
    }
}
