using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Sync;

/// <summary>
/// A client of sync that was written from docs/sync-protocol.md alone, state table by state table, and shares nothing with the
/// reference client or the server: what it cannot do, the page does not say. It keeps in memory what a real one keeps on disk.
/// </summary>
internal sealed class PageClient(ApiClient http, string client, params string[] scopes)
{
    private const string Nothing = "0000000000000000";

    private readonly PageClientClock _clock = new(() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    private readonly List<JsonObject> _queue = [];
    private readonly List<(JsonObject Mutation, string Version)> _shown = [];
    private readonly Dictionary<string, (string? Cursor, Dictionary<string, JsonObject> Records)> _copies =
        scopes.ToDictionary(scope => scope, _ => ((string?)null, new Dictionary<string, JsonObject>()));

    private long _seq;

    /// <summary>What the server did not take: the mutation's number and the status or code.</summary>
    public List<(long Seq, string Why)> Refusals { get; } = [];

    public int Queued => _queue.Count;

    public int Shown => _shown.Count;

    public int Limit { get; init; } = 100;

    /// <summary>How many of the next answers do not arrive.</summary>
    public int LostAnswers { get; set; }

    /// <summary>Scopes that were pulled from the beginning because a checksum differed.</summary>
    public int Mismatches { get; private set; }

    /// <summary>Scopes that are no longer the user's.</summary>
    public HashSet<string> Gone { get; } = [];

    /// <summary>Checksums that agreed.</summary>
    public int Agreements { get; private set; }

    public IReadOnlyDictionary<string, JsonObject> CopyOf(string scope) => _copies[scope].Records;

    /// <summary>Spoils the copy, as a bug or a bad disk would.</summary>
    public void Spoil(string scope) => _copies[scope].Records.Remove(_copies[scope].Records.Keys.First());

    public long Change(string op, string scope, string collection, string id, JsonObject? fields = null, string? group = null)
    {
        var mutation = new JsonObject
        {
            ["seq"] = ++_seq, ["op"] = op, ["collection"] = collection, ["id"] = id, ["scope"] = scope,
            ["stamp"] = _clock.Tick(), ["base"] = BaseOf(scope, collection, id),
        };
        if (fields is not null)
        {
            mutation["fields"] = JsonNode.Parse(fields.ToJsonString()); // numbers as JSON has them
        }

        if (group is not null)
        {
            mutation["group"] = group;
        }

        _queue.Add(mutation);
        return _seq;
    }

    /// <summary>Exchanges until all is sent and all copies are current; false when an answer is missing or tells to wait.</summary>
    public async Task<bool> SyncAsync()
    {
        var hasMore = true;
        while (hasMore || _queue.Count > 0)
        {
            var push = _queue.Select(mutation => mutation.DeepClone()).ToArray(); // without sentAt the first time
            _queue.ForEach(mutation => mutation["sentAt"] ??= _clock.ServerTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            var answer = await http.PostAsync("/v1/sync", new JsonObject
            {
                ["client"] = client,
                ["push"] = new JsonArray(push),
                ["pull"] = new JsonArray([.. scopes.Where(scope => !Gone.Contains(scope)).Select(scope => new JsonObject
                {
                    ["scope"] = scope, ["cursor"] = _copies[scope].Cursor, ["checksum"] = true,
                })]),
                ["limit"] = Limit,
            }.ToJsonString());
            if (LostAnswers > 0)
            {
                LostAnswers--;
                return false;
            }

            if (answer.Status is not HttpStatusCode.OK || !Take(JsonNode.Parse(answer.Json.GetRawText())!.AsObject(), out hasMore))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What a person sees of a record: the copy, then what is shown, then the queue.</summary>
    public JsonObject? View(string scope, string collection, string id) => _shown.Select(shown => shown.Mutation).Concat(_queue)
        .Where(mutation => IsOf(mutation, scope, collection, id))
        .Aggregate(Copy(scope, collection, id)?.DeepClone().AsObject(), (view, mutation) => (string?)mutation["op"] switch
        {
            "delete" => null,
            "put" => Apply([], mutation),
            _ => view is null ? null : Apply(view, mutation),
        });

    private static JsonObject Apply(JsonObject view, JsonObject mutation)
    {
        foreach (var (name, value) in mutation["fields"]!.AsObject())
        {
            view[name] = value is JsonObject operation && operation.ContainsKey("$increment")
                ? ((long?)view[name] ?? 0) + (long)operation["$increment"]!
                : value?.DeepClone();
        }

        return view;
    }

    private bool Take(JsonObject answer, out bool hasMore)
    {
        var isDone = true;
        _clock.Observe(DateTimeOffset.Parse((string)answer["serverTime"]!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() << 16);
        foreach (var result in answer["results"]!.AsArray())
        {
            var mutation = _queue.Single(one => (long)one["seq"]! == (long)result!["seq"]!);
            switch ((string)result!["status"]!)
            {
                case "applied" or "merged":
                    _clock.Observe((string)result["version"]!);
                    _shown.Add((mutation, (string)result["version"]!));
                    _queue.Remove(mutation);
                    break;
                case "conflict" or "rejected":
                    Refusals.Add(((long)mutation["seq"]!, (string?)result["problem"]?["code"] ?? "conflict"));
                    _queue.Remove(mutation);
                    break;
                default:
                    isDone = false; // retry
                    break;
            }

            if (result["record"] is JsonObject record)
            {
                Keep((string)mutation["scope"]!, record);
            }
        }

        hasMore = false;
        foreach (var changes in answer["changes"]!.AsArray())
        {
            hasMore |= Take(changes!.AsObject());
        }

        return isDone;
    }

    private bool Take(JsonObject changes)
    {
        var scope = (string)changes["scope"]!;
        if (changes["revoked"] is not null)
        {
            Gone.Add(scope);
            _copies[scope] = (null, []);
            Refusals.AddRange(_queue.Where(mutation => (string?)mutation["scope"] == scope).Select(mutation => ((long)mutation["seq"]!, "revoked")));
            _queue.RemoveAll(mutation => (string?)mutation["scope"] == scope);
            _shown.RemoveAll(shown => (string?)shown.Mutation["scope"] == scope);
            return false;
        }

        if (changes["resync"] is not null)
        {
            _copies[scope] = (null, []);
            return true;
        }

        foreach (var record in changes["records"]!.AsArray())
        {
            Keep(scope, record!.AsObject());
        }

        foreach (var removed in changes["removed"]!.AsArray())
        {
            _copies[scope].Records.Remove(Key((string)removed!["collection"]!, (string)removed["id"]!));
            Hide(scope, (string)removed["collection"]!, (string)removed["id"]!, (string)removed["version"]!);
        }

        _copies[scope] = ((string?)changes["cursor"], _copies[scope].Records);
        if ((bool)changes["hasMore"]!)
        {
            return true;
        }

        _shown.RemoveAll(shown => (string?)shown.Mutation["scope"] == scope);
        return changes["checksums"] is JsonArray checksums && !Agrees(scope, checksums);
    }

    private bool Agrees(string scope, JsonArray checksums)
    {
        var own = _copies[scope].Records.Values.GroupBy(record => (string)record["collection"]!).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Count(), PageClientChecksum.Of(group)));
        if (own.SequenceEqual(checksums.Select(sum => ((string)sum!["collection"]!, (int)sum["count"]!, (string)sum["hash"]!))))
        {
            Agreements++;
            return true;
        }

        Mismatches++;
        _copies[scope] = (null, []);
        return false;
    }

    private void Keep(string scope, JsonObject record)
    {
        var (key, version) = (Key((string)record["collection"]!, (string)record["id"]!), (string)record["$version"]!);
        _clock.Observe(version);
        Hide(scope, (string)record["collection"]!, (string)record["id"]!, version);
        if ((bool)record["deleted"]!)
        {
            _copies[scope].Records.Remove(key);
        }
        else if (!_copies[scope].Records.TryGetValue(key, out var known) || string.CompareOrdinal((string?)known["$version"], version) <= 0)
        {
            _copies[scope].Records[key] = record.DeepClone().AsObject();
        }
    }

    private void Hide(string scope, string collection, string id, string version) => _shown.RemoveAll(shown =>
        IsOf(shown.Mutation, scope, collection, id) && string.CompareOrdinal(shown.Version, version) <= 0);

    private string BaseOf(string scope, string collection, string id) => _shown
        .Where(shown => IsOf(shown.Mutation, scope, collection, id)).Select(shown => shown.Version)
        .Append((string?)Copy(scope, collection, id)?["$version"] ?? Nothing).Max(StringComparer.Ordinal)!;

    private JsonObject? Copy(string scope, string collection, string id) => _copies[scope].Records.GetValueOrDefault(Key(collection, id));

    private static bool IsOf(JsonObject mutation, string scope, string collection, string id) =>
        (string?)mutation["scope"] == scope && (string?)mutation["collection"] == collection && (string?)mutation["id"] == id;

    private static string Key(string collection, string id) => $"{collection}/{id}";
}
