using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <remarks>A queue that is too long for pushes goes as a file, see "Large batches" in docs/sync-protocol.md.</remarks>
public sealed partial class Client
{
    private const string Batches = SyncMessage.Exchange + "/batches";

    private bool _pushesOnly;

    /// <summary>From how many queued mutations on they are sent as a file; 0 for never.</summary>
    public int BatchFrom { get; init; } = 1_000;

    /// <summary>The most mutations of a file, unless a group needs more.</summary>
    public int BatchLimit { get; init; } = 100_000;

    /// <summary>Sends a batch, or looks how far the last one is.</summary>
    /// <returns>Why nothing else can be done either; null when the exchange goes on.</returns>
    private async Task<ExchangeOutcome?> BatchAsync(CancellationToken ct)
    {
        if (_state.Batch is { } batch)
        {
            return await FollowAsync(batch, ct);
        }

        return BatchFrom > 0 && Queued >= BatchFrom && !_pushesOnly ? await StartBatchAsync(ct) : null;
    }

    private async Task<ExchangeOutcome?> StartBatchAsync(CancellationToken ct)
    {
        var mutations = MarkSent(BatchLimit);
        var file = Encoding.UTF8.GetBytes(string.Concat(mutations.Select(mutation => $"{mutation.ToJson().ToJsonString()}\n")));
        var announcement = new JsonObject
        {
            ["client"] = _state.Client,
            ["size"] = file.Length,
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(file)),
        };
        if (Schema is { } schema)
        {
            announcement["schema"] = schema;
        }

        var reply = await SendAsync("POST", Batches, announcement, ct);
        if (reply is not { Status: 201 } || SyncProblem.ObjectOf(reply) is not { } created)
        {
            // Whatever is in the way of a file (it is too large, an earlier one is lost) is none of pushes.
            _pushesOnly = reply?.Status is 400 or 409 or 413;
            return _pushesOnly ? null : Fail(reply);
        }

        // Before the upload: whoever loses the id cannot ask what became of it.
        var batch = new SentBatch((string)created["id"]!, mutations[^1].Seq, IsUploaded: false);
        _state.Set(batch);
        Commit();
        var upload = created["upload"]!;
        var headers = upload["headers"]!.AsObject().ToDictionary(header => header.Key, header => (string)header.Value!);
        headers.Remove("Content-Type", out var contentType);
        var taken = await _transport.SendAsync(
            new SyncMessage((string)upload["method"]!, (string)upload["url"]!, file) { ContentType = contentType!, Headers = headers }, ct);
        if (taken is not { Status: 201 })
        {
            return await FollowAsync(batch, ct); // it may have arrived all the same
        }

        _state.Set(batch with { IsUploaded = true });
        Commit();
        return null;
    }

    private async Task<ExchangeOutcome?> FollowAsync(SentBatch batch, CancellationToken ct)
    {
        var reply = await SendAsync("GET", $"{Batches}/{batch.Id}", null, ct);
        if (reply is not { Status: 200 } || SyncProblem.ObjectOf(reply) is not { } view)
        {
            return reply?.Status == 404 ? End() : Fail(reply);
        }

        switch ((string?)view["state"])
        {
            case "pending" when !batch.IsUploaded:
                // The file has not come. It is given up, and made anew.
                reply = await SendAsync("DELETE", $"{Batches}/{batch.Id}", null, ct);
                return reply?.Status is 204 or 404 ? End() : Fail(reply);
            case "pending" or "running":
                _retryAfter = reply.RetryAfter;
                return null;
            case "completed" or "failed":
                reply = await SendAsync("GET", $"{Batches}/{batch.Id}/results", null, ct);
                return reply?.Status switch
                {
                    200 => Take(Encoding.UTF8.GetString(reply.Body).Split('\n', StringSplitOptions.RemoveEmptyEntries), batch),
                    404 => End(),
                    _ => Fail(reply),
                };
            default:
                return End();
        }
    }

    /// <summary>Takes the results in, in one write. What has none is pushed.</summary>
    private ExchangeOutcome? Take(string[] lines, SentBatch batch)
    {
        var before = Queued;
        foreach (var line in lines)
        {
            TakeResult(JsonNode.Parse(line)!);
        }

        _pushesOnly |= _state.Pending.Queue.Keys.FirstOrDefault(long.MaxValue) <= batch.Last && Queued == before;
        return End();
    }

    private ExchangeOutcome? End()
    {
        _state.Set(null);
        Commit();
        return null;
    }

    private Task<SyncReply?> SendAsync(string method, string address, JsonObject? body, CancellationToken ct) => _transport.SendAsync(
        new SyncMessage(method, address, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString())), ct);
}
