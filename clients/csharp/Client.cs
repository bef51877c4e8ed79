using System.Text;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>
/// A client of the sync protocol (docs/sync-protocol.md): keeps copies of scopes on a device, takes edits at any time, and
/// exchanges with the server when it can. Used by one thread at a time, but edits may be made while an exchange is on its way.
/// </summary>
public sealed class Client
{
    private readonly LocalState _state;
    private readonly ILocalStore _store;
    private readonly Func<byte[], CancellationToken, Task<SyncReply?>> _send;
    private readonly HybridClock _clock;
    private readonly List<string> _scopes;
    private readonly HashSet<string> _readAnew = new(StringComparer.Ordinal);
    private bool _isExchanging;
    private int _failures;

    /// <param name="store">The device's disk.</param>
    /// <param name="newClient">A random id, for a device that has none yet.</param>
    /// <param name="scopes">The scopes to keep a copy of.</param>
    /// <param name="time">The device's clock; it may be wrong.</param>
    /// <param name="send">Posts a request to <c>/v1/sync</c>; null when no answer came.</param>
    public Client(
        ILocalStore store, string newClient, IEnumerable<string> scopes, TimeProvider time,
        Func<byte[], CancellationToken, Task<SyncReply?>> send)
    {
        _store = store;
        _send = send;
        _scopes = [.. scopes];
        _state = store.Load() is { } saved ? LocalState.FromBytes(saved) : new LocalState { Client = newClient };
        _clock = new HybridClock(time, _state.Clock);
    }

    /// <summary>The most mutations of one exchange.</summary>
    public int PushLimit { get; init; } = 100;

    /// <summary>Records of a page; null for the server's own number.</summary>
    public int? PageLimit { get; init; }

    /// <summary>Whether to ask for checksums and to pull a scope anew that does not agree.</summary>
    public bool Verifies { get; init; }

    /// <summary>The first wait after an exchange that failed; it doubles with each that follows.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait, unless the server asks for more.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Makes waits differ, so that devices which lost the server together do not come back together.</summary>
    public Random Jitter { get; init; } = Random.Shared;

    /// <summary>How long to wait before the next exchange: nothing, unless the last one ended with <see cref="ExchangeOutcome.Later"/>.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>The number that the next edit gets.</summary>
    public long NextSeq => _state.NextSeq;

    /// <summary>How many mutations wait for the server's answer.</summary>
    public int Queued => _state.Queue.Count;

    /// <summary>How many mutations the server has taken and no pull has brought yet.</summary>
    public int Shown => _state.Shown.Count;

    /// <summary>What the server did not take; the app looks at it and forgets it.</summary>
    public IReadOnlyList<Refusal> Refusals => _state.Refusals;

    /// <summary>Scopes whose copy was found to differ from the server's, ever.</summary>
    public int Mismatches { get; private set; }

    public long Put(RecordAddress record, JsonObject fields, string? group = null) => Edit("put", record, fields, group);

    public long Patch(RecordAddress record, JsonObject fields, string? group = null) => Edit("patch", record, fields, group);

    public long Delete(RecordAddress record, string? group = null) => Edit("delete", record, null, group);

    /// <summary>A record as a person sees it, with what is still on its way; null when there is none.</summary>
    public JsonObject? Read(RecordAddress record) => RecordView.Apply(
        ServerCopy(record), _state.Shown.Concat(_state.Queue).Where(mutation => mutation.Record == record));

    /// <summary>The server's copy of a scope as this device has it, without anything of its own.</summary>
    public IReadOnlyDictionary<string, JsonObject> CopyOf(string scope) => _state.ScopeOf(scope).Records;

    /// <summary>Exchanges until everything is sent and nothing more is to come.</summary>
    /// <returns>False when the server could not be reached, or asked to come again later.</returns>
    public async Task<bool> SyncAsync(CancellationToken ct)
    {
        for (var outcome = ExchangeOutcome.More; outcome is ExchangeOutcome.More;)
        {
            outcome = await ExchangeOnceAsync(ct);
            if (outcome is ExchangeOutcome.Later)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One round trip.</summary>
    public async Task<ExchangeOutcome> ExchangeOnceAsync(CancellationToken ct)
    {
        if (_isExchanging)
        {
            throw new InvalidOperationException("One exchange at a time.");
        }

        _isExchanging = true;
        try
        {
            var push = MarkSent();
            var reply = await _send(Encoding.UTF8.GetBytes(Request(push).ToJsonString()), ct);
            var outcome = reply switch
            {
                { Status: 200 } => Take(JsonNode.Parse(reply.Body)!.AsObject()),
                { Status: 404 } when push.Count == 0 && _scopes is [var only] => Give(only),
                _ => ExchangeOutcome.Later,
            };
            Delay = outcome is ExchangeOutcome.Later ? NextDelay(reply?.RetryAfter) : NoDelay();
            return outcome;
        }
        finally
        {
            _isExchanging = false;
        }
    }

    private TimeSpan NoDelay()
    {
        _failures = 0;
        return TimeSpan.Zero;
    }

    /// <summary>Half of the doubled wait is certain, the other half chance; never less than the server asks for.</summary>
    private TimeSpan NextDelay(TimeSpan? retryAfter)
    {
        var doubled = Math.Min(MaxDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 30)));
        var wait = TimeSpan.FromSeconds((doubled / 2) + (Jitter.NextDouble() * doubled / 2));
        return retryAfter > wait ? retryAfter.Value : wait;
    }

    /// <summary>The one scope is not this user's, for now: asked alone, the server says so.</summary>
    private ExchangeOutcome Give(string scope)
    {
        Forget(_state.ScopeOf(scope));
        Refuse(scope);
        Save();
        return _state.Queue.Count > 0 ? ExchangeOutcome.More : ExchangeOutcome.Done;
    }

    private long Edit(string op, RecordAddress record, JsonObject? fields, string? group)
    {
        // As text and back: a number is then what JSON says, of whichever type it was made here.
        var values = fields is null ? null : JsonNode.Parse(fields.ToJsonString())!.AsObject();
        var mutation = new Mutation(_state.NextSeq++, op, record, values, _clock.Tick(), SeenOf(record)) { Group = group };
        _state.Queue.Add(mutation);
        Save();
        return mutation.Seq;
    }

    /// <summary>Before they are sent: a device that dies now must know that they may have arrived.</summary>
    private List<Mutation> MarkSent()
    {
        var count = Math.Min(PushLimit, _state.Queue.Count);
        while (count > 0 && count < _state.Queue.Count && _state.Queue[count].Group is { } group && _state.Queue[count - 1].Group == group)
        {
            count++; // a group is never cut
        }

        // The first time it goes without a date; whatever is sent after this write may have been sent before.
        var push = _state.Queue.GetRange(0, count);
        if (push.Exists(mutation => mutation.SentAt is null))
        {
            for (var i = 0; i < count; i++)
            {
                _state.Queue[i] = _state.Queue[i] with { SentAt = _state.Queue[i].SentAt ?? _clock.ServerTime };
            }

            Save();
        }

        return push;
    }

    private JsonObject Request(List<Mutation> push)
    {
        var request = new JsonObject
        {
            ["client"] = _state.Client,
            ["push"] = new JsonArray([.. push.Select(mutation => mutation.ToJson())]),
            ["pull"] = new JsonArray([.. _scopes.Select(scope => new JsonObject
            {
                ["scope"] = scope, ["cursor"] = _state.ScopeOf(scope).Cursor, ["checksum"] = Verifies,
            })]),
        };
        if (PageLimit is { } limit)
        {
            request["limit"] = limit;
        }

        return request;
    }

    /// <summary>Takes an answer in, in one write.</summary>
    private ExchangeOutcome Take(JsonObject answer)
    {
        _clock.Observe(DateTimeOffset.Parse((string)answer["serverTime"]!, System.Globalization.CultureInfo.InvariantCulture));
        var hasRetry = false;
        foreach (var result in answer["results"]!.AsArray())
        {
            hasRetry |= !TakeResult(result!);
        }

        var (hasMore, hasDoubt) = (false, false);
        foreach (var changes in answer["changes"]!.AsArray())
        {
            hasMore |= TakeChanges(changes!.AsObject());
            hasDoubt |= !Agrees(changes.AsObject(), ref hasMore);
        }

        Save();
        return hasRetry || hasDoubt ? ExchangeOutcome.Later
            : hasMore || _state.Queue.Count > 0 ? ExchangeOutcome.More
            : ExchangeOutcome.Done;
    }

    /// <summary>False when the mutation has to be sent again.</summary>
    private bool TakeResult(JsonNode result)
    {
        var at = _state.Queue.FindIndex(mutation => mutation.Seq == (long)result["seq"]!);
        var status = (string)result["status"]!;
        if (at < 0 || status == "retry")
        {
            return at < 0;
        }

        var mutation = _state.Queue[at];
        _state.Queue.RemoveAt(at);
        if (status is "applied" or "merged")
        {
            var version = (string)result["version"]!;
            _clock.Observe(version);
            _state.Shown.Add(mutation with { Version = version });
        }
        else
        {
            _state.Refusals.Add(new Refusal(mutation, status, (string?)result["problem"]?["code"]));
        }

        if (result["record"] is JsonObject record)
        {
            Keep(_state.ScopeOf(mutation.Record.Scope), record);
        }

        return true;
    }

    /// <summary>True when there is more to pull.</summary>
    private bool TakeChanges(JsonObject changes)
    {
        var scope = (string)changes["scope"]!;
        var copy = _state.ScopeOf(scope);
        if (changes["revoked"] is not null)
        {
            Forget(copy);
            Refuse(scope);
            return false;
        }

        if (changes["resync"] is not null)
        {
            Forget(copy);
            return true;
        }

        foreach (var record in changes["records"]!.AsArray())
        {
            Keep(copy, record!.AsObject());
        }

        foreach (var removed in changes["removed"]!.AsArray())
        {
            Remove(copy, scope, removed!.AsObject());
        }

        copy.Cursor = (string?)changes["cursor"];
        var hasMore = (bool)changes["hasMore"]!;
        if (!hasMore)
        {
            // The pull came after the push and is at its end: what the server has taken is in the copy, or was removed since.
            _state.Shown.RemoveAll(mutation => mutation.Record.Scope == scope);
        }

        return hasMore;
    }

    /// <summary>
    /// A copy that does not agree with the server's is read anew, at once. False when it has just been and still does not:
    /// then not without a wait, or client and server would keep each other busy for ever.
    /// </summary>
    private bool Agrees(JsonObject changes, ref bool hasMore)
    {
        var scope = (string)changes["scope"]!;
        if (changes["checksums"] is not JsonArray checksums)
        {
            return true;
        }

        if (Checksum.Of(_state.ScopeOf(scope).Records.Values).SequenceEqual(checksums.Select(item =>
            ((string)item!["collection"]!, (int)item["count"]!, (string)item["hash"]!))))
        {
            _readAnew.Remove(scope);
            return true;
        }

        Mismatches++;
        Forget(_state.ScopeOf(scope));
        hasMore = true;
        return _readAnew.Add(scope);
    }

    /// <summary>Takes the server's record in, unless there is a newer one.</summary>
    private void Keep(ScopeCopy copy, JsonObject record)
    {
        var version = (string)record["$version"]!;
        _clock.Observe(version);
        var key = KeyOf((string)record["collection"]!, (string)record["id"]!);
        if ((bool?)record["deleted"] is true)
        {
            copy.Records.Remove(key);
        }
        else if (!copy.Records.TryGetValue(key, out var known) || string.CompareOrdinal((string)known["$version"]!, version) <= 0)
        {
            copy.Records[key] = record.DeepClone().AsObject();
        }

        Hide(new RecordAddress((string)record["scope"]!, (string)record["collection"]!, (string)record["id"]!), version);
    }

    private void Remove(ScopeCopy copy, string scope, JsonObject removed)
    {
        var (collection, id, version) = ((string)removed["collection"]!, (string)removed["id"]!, (string)removed["version"]!);
        _clock.Observe(version);
        copy.Records.Remove(KeyOf(collection, id));
        Hide(new RecordAddress(scope, collection, id), version);
    }

    /// <summary>Mutations that the server's copy has from now on.</summary>
    private void Hide(RecordAddress record, string version) => _state.Shown.RemoveAll(mutation =>
        mutation.Record == record && string.CompareOrdinal(mutation.Version, version) <= 0);

    private static void Forget(ScopeCopy copy)
    {
        copy.Cursor = null;
        copy.Records.Clear();
    }

    /// <summary>What was meant for a scope that is no longer this user's.</summary>
    private void Refuse(string scope)
    {
        _state.Refusals.AddRange(_state.Queue.Where(mutation => mutation.Record.Scope == scope)
            .Select(mutation => new Refusal(mutation, "revoked", null)));
        _state.Queue.RemoveAll(mutation => mutation.Record.Scope == scope);
        _state.Shown.RemoveAll(mutation => mutation.Record.Scope == scope);
    }

    /// <summary>The newest version of a record that this device knows.</summary>
    private string SeenOf(RecordAddress record) => _state.Shown
        .Where(mutation => mutation.Record == record)
        .Select(mutation => mutation.Version!)
        .Append((string?)ServerCopy(record)?["$version"] ?? HybridClock.Zero)
        .Max(StringComparer.Ordinal)!;

    private JsonObject? ServerCopy(RecordAddress record) =>
        _state.ScopeOf(record.Scope).Records.GetValueOrDefault(KeyOf(record.Collection, record.Id));

    private static string KeyOf(string collection, string id) => $"{collection}/{id}";

    private void Save()
    {
        _state.Clock = _clock.Last;
        _store.Save(_state.ToBytes());
    }
}

public enum ExchangeOutcome
{
    /// <summary>Everything is sent, and nothing more is to come for now.</summary>
    Done,

    /// <summary>There is more to send or to pull.</summary>
    More,

    /// <summary>Try again after a wait.</summary>
    Later,
}
