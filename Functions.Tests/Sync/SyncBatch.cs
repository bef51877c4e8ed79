using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using Functions.Tests.Media;

namespace Functions.Tests.Sync;

/// <summary>What a client does to have a file of mutations applied: announce, upload, wait, read the results.</summary>
internal static class SyncBatch
{
    public static async Task<MediaUpload.Slot> AnnounceAsync(ApiClient client, byte[] file, string installation, string? sha256 = null) =>
        MediaUpload.Read(await TryAnnounceAsync(client, file.Length, installation, sha256));

    public static Task<ApiAnswer> TryAnnounceAsync(ApiClient client, long size, string installation, string? sha256 = null)
    {
        var body = new JsonObject { ["client"] = installation, ["size"] = size };
        if (sha256 is not null)
        {
            body["sha256"] = sha256;
        }

        return client.PostAsync("/v1/sync/batches", body.ToJsonString());
    }

    /// <summary>The batch's id; its file is uploaded.</summary>
    public static async Task<string> UploadAsync(ApiClient client, byte[] file, string installation)
    {
        var slot = await AnnounceAsync(client, file, installation);
        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, file));
        return slot.Id;
    }

    /// <summary>The batch once it has ended.</summary>
    public static async Task<JsonElement> WaitAsync(ApiClient client, string id)
    {
        JsonElement batch = default;
        await Eventually.TrueAsync(async () =>
        {
            var answer = await client.GetAsync($"/v1/sync/batches/{id}");
            batch = answer.Json;
            var isOpen = batch.GetProperty("state").GetString() is "pending" or "running";
            Assert.Equal(isOpen, answer.Headers.ContainsKey("Retry-After"));
            return !isOpen;
        });
        return batch;
    }

    /// <summary>The results, a line each.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ResultsAsync(ApiClient client, string id)
    {
        var answer = await client.GetAsync($"/v1/sync/batches/{id}/results");
        Assert.Equal((HttpStatusCode.OK, "application/x-ndjson"), (answer.Status, answer.ContentType));
        return [.. Encoding.UTF8.GetString(answer.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line))];
    }

    public static byte[] File(params IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");

    public static string Line(long seq, string op, string id, string? fields = null, string? group = null, string collection = "notes")
    {
        var mutation = new JsonObject { ["seq"] = seq, ["op"] = op, ["collection"] = collection, ["id"] = id };
        if (fields is not null)
        {
            mutation["fields"] = JsonNode.Parse(fields);
        }

        if (group is not null)
        {
            mutation["group"] = group;
        }

        return mutation.ToJsonString();
    }

    public static string? StatusOf(JsonElement result) => result.GetProperty("status").GetString();

    public static string? CodeOf(JsonElement result) => result.GetProperty("problem") is var problem
        && problem.TryGetProperty("errors", out var errors)
            ? errors[0].GetProperty("code").GetString()
            : problem.GetProperty("code").GetString();
}
