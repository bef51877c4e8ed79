using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Backend.Sync.V1;
using Functions.Tests.Fixtures;
using Google.Protobuf;

namespace Functions.Tests.Sync;

/// <summary>Sends exchanges in Protocol Buffers.</summary>
internal static class ProtobufExchange
{
    public const string MediaType = "application/x-protobuf";

    public static JsonObject RequestOf(ApiClient user, JsonArray push) => new()
    {
        ["client"] = "phone", ["push"] = push, ["pull"] = new JsonArray(new JsonObject { ["scope"] = user.Scope }),
    };

    public static JsonObject Pull(ApiClient user, string? cursor, int limit) => new()
    {
        ["pull"] = new JsonArray(new JsonObject { ["scope"] = user.Scope, ["cursor"] = cursor, ["checksum"] = true }), ["limit"] = limit,
    };

    public static async Task<JsonNode> ExchangeAsync(ApiClient user, JsonObject request)
    {
        var answer = await SendAsync(user, request);
        Assert.True(answer.Status is HttpStatusCode.OK, Encoding.UTF8.GetString(answer.Bytes));
        return SyncWire.JsonOf(SyncResponse.Parser.ParseFrom(answer.Bytes));
    }

    public static Task<ApiAnswer> SendAsync(
        ApiClient user, JsonObject request, string contentType = MediaType, string? accept = null) => SendAsync(
        user,
        contentType == "application/json" ? Encoding.UTF8.GetBytes(request.ToJsonString()) : SyncWire.RequestOf(request).ToByteArray(),
        contentType, accept);

    public static async Task<ApiAnswer> SendAsync(
        ApiClient user, byte[] body, string contentType = MediaType, string? accept = null, string? encoding = null, string? accepts = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        (string, string)[] headers = [.. accept is null ? [] : new[] { ("Accept", accept) }, .. accepts is null ? [] : new[] { ("Accept-Encoding", accepts) }];
        return await user.SendAsync(HttpMethod.Post, "/v1/sync", content, headers);
    }
}
