using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Functions.Tests.Fixtures;

/// <summary>One user's HTTP client; it knows the wire and nothing of the server's types.</summary>
public sealed class ApiClient : IDisposable
{
    public ApiClient(Uri url, string user, string? token)
    {
        User = user;
        Token = token;
        Http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = url };
        if (token is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public string User { get; }

    public string? Token { get; }

    public string Scope => $"user/{User}";

    public HttpClient Http { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ApiClient> CreateAsync(Uri url, Uri tokenUrl, string sub, params string[] roles)
    {
        using var http = new HttpClient();
        var request = new JsonObject { ["sub"] = sub, ["roles"] = new JsonArray([.. roles.Select(role => (JsonNode)role)]) };
        using var body = Json(request.ToJsonString());
        using var response = await http.PostAsync(tokenUrl, body, Ct);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
        return new ApiClient(url, sub, answer.RootElement.GetProperty("access_token").GetString());
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public Task<ApiAnswer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<ApiAnswer> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Json(json), headers);

    public Task<ApiAnswer> PutAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, Json(json), headers);

    public Task<ApiAnswer> PatchAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, Json(json), headers);

    public Task<ApiAnswer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Delete, path, null, headers);

    public async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request, Ct);
        return await ApiAnswer.ReadAsync(response, Ct);
    }

    /// <summary>Pulls the caller's own scope page by page to its end.</summary>
    public async Task<(List<JsonElement> Records, List<string> Removed, string? Cursor)> PullAsync(
        string? cursor = null, int limit = 100)
    {
        var (records, removed) = (new List<JsonElement>(), new List<string>());
        bool hasMore;
        do
        {
            var pull = new JsonObject { ["scope"] = Scope, ["cursor"] = cursor };
            var answer = await PostAsync("/v1/sync", new JsonObject { ["pull"] = new JsonArray(pull), ["limit"] = limit }.ToJsonString());
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            var changes = answer.Json.GetProperty("changes")[0];
            records.AddRange(changes.GetProperty("records").EnumerateArray());
            removed.AddRange(changes.GetProperty("removed").EnumerateArray().Select(item => item.GetProperty("id").GetString() ?? ""));
            cursor = changes.GetProperty("cursor").GetString();
            hasMore = changes.GetProperty("hasMore").GetBoolean();
        }
        while (hasMore);

        return (records, removed, cursor);
    }

    public void Dispose() => Http.Dispose();
}
