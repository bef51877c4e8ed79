using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Bench.Load;

/// <summary>
/// The four kinds of requests for one server, as bytes. Every connection is another user with records of its own, so that
/// tokens, scopes and rows vary as they do in life.
/// </summary>
internal sealed class Requests
{
    /// <summary>A note of the sample model as an app would send it: about 350 bytes.</summary>
    public const string Note = """
        {"title":"Nest box 14, north slope","body":"Two adults at the box, one carrying food. Five young heard, about ten days old. Entrance shows fresh marks of a marten; the collar held. Come back on Friday with the ladder and a new hinge.","tags":["birds","north-slope","2024"],"priority":3,"dueAt":"2030-05-17T09:30:00Z"}
        """;

    public const string Notes = "/v1/data/notes";

    private const int RecordsOfAUser = 100;

    private Requests()
    {
    }

    /// <summary>For every user, the requests to send in turn.</summary>
    public List<byte[][]> Reads { get; } = [];

    public List<byte[][]> Creates { get; } = [];

    public List<byte[][]> Lists { get; } = [];

    public List<byte[][]> Patches { get; } = [];

    /// <summary>For Local: fills it through its API.</summary>
    public static async Task<Requests> ForLocalAsync(Target target, int users)
    {
        var requests = new Requests();
        for (var user = 0; user < users; user++)
        {
            await requests.AddUserAsync(target, Notes, $"{Notes}?limit=50", await TokenAsync(target, $"user-{user}"));
        }

        return requests;
    }

    /// <summary>For the raw server: the user is part of the path.</summary>
    public static async Task<Requests> ForRawAsync(Target target, int users)
    {
        var requests = new Requests();
        for (var user = 0; user < users; user++)
        {
            await requests.AddUserAsync(target, $"/user-{user}", $"/user-{user}", null);
        }

        return requests;
    }

    public static async Task<string?> TokenAsync(Target target, string user)
    {
        using var answer = await target.Http.PostAsJsonAsync("/dev/token", new { sub = user });
        using var token = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return token.RootElement.GetProperty("access_token").GetString();
    }

    private async Task AddUserAsync(Target target, string path, string list, string? bearer)
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, RecordsOfAUser).Select(_ => CreateAsync(target, path, bearer)));
        Reads.Add([.. ids.Select(id => Build("GET", $"{path}/{id}", bearer))]);
        Creates.Add([Build("POST", path, bearer, Note)]);
        Lists.Add([Build("GET", list, bearer)]);
        Patches.Add([.. ids.Select((id, i) => Build("PATCH", $"{path}/{id}", bearer, $$"""{"priority":{{i % 6}},"done":true}"""))]);
    }

    private static async Task<string> CreateAsync(Target target, string path, string? bearer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(Note, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        using var answer = await target.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return answer.Headers.Location?.ToString().Split('/')[^1] ?? throw new InvalidOperationException("No Location");
    }

    /// <summary>What the HTTP client of a phone sends, without its Accept-Encoding: the raw server does not compress.</summary>
    public static byte[] Build(string method, string path, string? bearer, string? body = null)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n")
            .Append("User-Agent: FieldNotes/1.0 (iPhone; iOS 18.1)\r\n");
        if (bearer is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {bearer}\r\n");
        }

        if (body is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").Append(body).ToString());
    }
}
