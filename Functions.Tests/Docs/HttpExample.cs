using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Docs;

/// <summary>
/// A request with its answer as a page shows them, in the notation that docs/sync-protocol.md explains: <c>"{name}"</c> stands
/// for a value that is the same everywhere, <c>"{…}"</c> for any, a member <c>"…"</c> for others that are not shown.
/// </summary>
internal sealed partial record HttpExample(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, string Body, int Status, string Answer)
{
    private const string Anything = "{…}";
    private const string Others = "…";

    public static HttpExample Parse(string code)
    {
        var (request, answer) = code.Split("HTTP/1.1 ") is [var before, var after]
            ? (before, after)
            : throw new FormatException($"An example has one request and one answer:\n{code}");
        var (head, body) = request.Split("\n\n", 2) is [var first, var rest] ? (first.Split('\n'), rest.Trim()) : (request.Trim().Split('\n'), "");
        var (status, json) = answer.Split('\n', 2) is [var line, var text] ? (line, text.Trim()) : (answer, "");
        return head[0].Split(' ') is [var method, var path]
            ? new HttpExample(
                method, path, [.. head[1..].Select(header => header.Split(": ", 2)).Select(header => (header[0], header[1]))], body,
                int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), json)
            : throw new FormatException($"No request: {head[0]}");
    }

    /// <summary>Sends it and says where the answer is another one; nothing when it is not.</summary>
    /// <param name="http">Leads to the server.</param>
    /// <param name="known">Values by their names; those that the answer brings are added.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<string?> RunAsync(HttpClient http, Dictionary<string, JsonNode> known, CancellationToken ct)
    {
        string? difference = null;
        await Eventually.TrueAsync(async () =>
        {
            (difference, var isEarly) = await SendAsync(http, known, ct);
            return difference is null || !isEarly;
        });
        return difference;
    }

    private async Task<(string? Difference, bool IsEarly)> SendAsync(HttpClient http, Dictionary<string, JsonNode> known, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(new HttpMethod(Method), Fill(Path, known));
        if (Body.Length > 0)
        {
            request.Content = new StringContent(Fill(Body, known), Encoding.UTF8);
            request.Content.Headers.Remove("Content-Type");
        }

        foreach (var (name, value) in Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, Fill(value, known)))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await http.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        var isLines = response.Content.Headers.ContentType?.MediaType == "application/x-ndjson";
        var difference = (int)response.StatusCode != Status ? $"{(int)response.StatusCode}, not {Status}: {text}"
            : Answer.Length == 0 ? (text.Length == 0 ? null : $"an answer: {text}")
            : Difference("$", Parse(Answer, isLines), Parse(text, isLines), known) is { } other ? $"{other} in {text}"
            : null;
        return (difference, response.Headers.RetryAfter is not null);
    }

    /// <summary>Lines of JSON as an array.</summary>
    private static JsonNode? Parse(string text, bool isLines) =>
        JsonNode.Parse(isLines ? $"[{string.Join(',', text.Split('\n', StringSplitOptions.RemoveEmptyEntries))}]" : text);

    /// <summary>The first place where an answer is not what was expected.</summary>
    internal static string? Difference(string path, JsonNode? expected, JsonNode? actual, Dictionary<string, JsonNode> known)
    {
        switch (expected)
        {
            case JsonValue value when value.TryGetValue<string>(out var text) && text.Contains('{', StringComparison.Ordinal):
                return text == Anything ? null
                    : Name().Match(text) is { Success: true } name && !known.ContainsKey(name.Groups[1].Value) ? Learn(name.Groups[1].Value)
                    : Name().IsMatch(text) ? Same(known[text[1..^1]])
                    : Same(JsonValue.Create(Fill(text, known)));
            case JsonObject members:
                if (actual is not JsonObject found)
                {
                    return Same(expected);
                }

                var extra = members.ContainsKey(Others) ? null : found.Select(member => member.Key).FirstOrDefault(name => !members.ContainsKey(name));
                return extra is not null ? $"{path}.{extra} is not expected"
                    : members.Where(member => member.Key != Others)
                        .Select(member => found.TryGetPropertyValue(member.Key, out var one)
                            ? Difference($"{path}.{member.Key}", member.Value, one, known)
                            : $"{path}.{member.Key} is missing")
                        .FirstOrDefault(difference => difference is not null);
            case JsonArray items:
                return actual is JsonArray list && list.Count == items.Count
                    ? items.Select((item, i) => Difference($"{path}[{i}]", item, list[i], known)).FirstOrDefault(difference => difference is not null)
                    : $"{path} is {actual?.ToJsonString()}, not of {items.Count} items";
            default:
                return Same(expected);
        }

        string? Same(JsonNode? other) => JsonNode.DeepEquals(other, actual) ? null : $"{path} is {actual?.ToJsonString() ?? "null"}, not {other?.ToJsonString() ?? "null"}";

        string? Learn(string name)
        {
            if (actual is null)
            {
                return $"{path} is null";
            }

            known[name] = actual.DeepClone();
            return null;
        }
    }

    private static string Fill(string text, Dictionary<string, JsonNode> known) => Placeholder().Replace(text, name =>
        known.TryGetValue(name.Groups[1].Value, out var value) ? value.ToString() : name.Value);

    [GeneratedRegex(@"^\{([^{}…]+)\}$")]
    private static partial Regex Name();

    [GeneratedRegex(@"\{([a-z][a-z0-9 ]*)\}")]
    private static partial Regex Placeholder();
}
