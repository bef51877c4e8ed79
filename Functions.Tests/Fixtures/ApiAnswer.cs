using System.Net;
using System.Text.Json;

namespace Functions.Tests.Fixtures;

/// <summary>An answer, read whole.</summary>
public sealed record ApiAnswer(
    HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string? ContentType, byte[] Bytes)
{
    public JsonElement Json => JsonElement.Parse(Bytes);

    public string Id => Json.GetProperty("id").GetString() ?? "";

    /// <summary>The problem's stable code.</summary>
    public string? Code => Json.GetProperty("code").GetString();

    public string? ETag => Headers.GetValueOrDefault("ETag");

    /// <summary>The problem's errors as <c>path code</c>.</summary>
    public IReadOnlyList<string> Errors => [.. Json.GetProperty("errors").EnumerateArray()
        .Select(error => $"{error.GetProperty("path").GetString()} {error.GetProperty("code").GetString()}")];

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken ct) => new(
        response.StatusCode,
        response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        response.Content.Headers.ContentType?.MediaType,
        await response.Content.ReadAsByteArrayAsync(ct));

    /// <summary>Fails unless this is a problem with this status and code, written as all of them are.</summary>
    public void AssertProblem(HttpStatusCode status, string code)
    {
        Assert.Equal((status, "application/problem+json"), (Status, ContentType));
        Assert.Equal(code, Code);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("title").GetString() ?? "");
        Assert.NotEmpty(Json.GetProperty("traceId").GetString() ?? "");
    }
}
