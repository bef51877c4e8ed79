using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Media;

/// <summary>What a client does to get an image in: announce, PUT, wait.</summary>
internal static class MediaUpload
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<string> UploadAsync(
        ApiClient client, byte[] content, string contentType, long? announcedSize = null, string? sha256 = null)
    {
        var slot = await AnnounceAsync(client, announcedSize ?? content.Length, contentType, sha256);
        Assert.Equal(HttpStatusCode.Created, await PutAsync(slot, content));
        return slot.Id;
    }

    public static async Task<Slot> AnnounceAsync(ApiClient client, long size, string contentType, string? sha256 = null)
    {
        var body = new JsonObject { ["contentType"] = contentType, ["size"] = size };
        if (sha256 is not null)
        {
            body["sha256"] = sha256;
        }

        return Read(await client.PostAsync("/v1/media", body.ToJsonString()));
    }

    public static Slot Read(ApiAnswer answer)
    {
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var upload = answer.Json.GetProperty("upload");
        Assert.Equal("PUT", upload.GetProperty("method").GetString());
        return new Slot(
            answer.Id,
            upload.GetProperty("url").GetString() ?? "",
            upload.GetProperty("headers").EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString() ?? ""));
    }

    public static async Task<HttpStatusCode> PutAsync(Slot slot, byte[] content)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, slot.Url) { Content = new ByteArrayContent(content) };
        foreach (var (name, value) in slot.Headers)
        {
            if (name == "Content-Type")
            {
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            }
            else
            {
                request.Headers.Add(name, value);
            }
        }

        using var response = await http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    /// <summary>One piece of an upload that is larger than a connection lasts.</summary>
    public static async Task<HttpStatusCode> PutBlockAsync(Slot slot, int index, byte[] content)
    {
        using var http = new HttpClient();
        using var body = new ByteArrayContent(content);
        using var response = await http.PutAsync($"{slot.Url}&comp=block&blockid={Uri.EscapeDataString(BlockId(index))}", body, Ct);
        return response.StatusCode;
    }

    /// <summary>Puts the first so many pieces together.</summary>
    public static async Task<HttpStatusCode> PutBlockListAsync(Slot slot, int count)
    {
        using var http = new HttpClient();
        var list = string.Concat(Enumerable.Range(0, count).Select(index => $"<Latest>{BlockId(index)}</Latest>"));
        using var body = new StringContent($"<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>");
        body.Headers.ContentType = null;
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{slot.Url}&comp=blocklist") { Content = body };
        request.Headers.Add("x-ms-blob-content-type", slot.Headers["Content-Type"]);
        using var response = await http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private static string BlockId(int index) => Convert.ToBase64String([(byte)'a', (byte)('0' + index)]);

    /// <summary>The media once its processing has ended, well or badly.</summary>
    public static async Task<JsonElement> WaitAsync(ApiClient client, string id)
    {
        JsonElement media = default;
        await Eventually.TrueAsync(async () =>
        {
            media = (await client.GetAsync($"/v1/media/{id}")).Json;
            return media.GetProperty("status").GetString() is "ready" or "failed";
        });
        return media;
    }

    internal sealed record Slot(string Id, string Url, IReadOnlyDictionary<string, string> Headers);
}
