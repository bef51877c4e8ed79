using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>
/// Everything that a client has on disk, in memory. What changes is collected, and written by <see cref="Commit"/> at once: no
/// step of the protocol can be half done.
/// </summary>
internal sealed class LocalState
{
    private readonly ILocalStore _store;
    private readonly Dictionary<string, string?> _changes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ScopeCopy> _scopes = new(StringComparer.Ordinal);
    private bool _hasFailed;

    /// <exception cref="InvalidDataException">The store holds what no client wrote.</exception>
    public LocalState(ILocalStore store, string newClient)
    {
        (_store, Client) = (store, newClient);
        Pending = new PendingMutations(_changes);
        var saved = store.Load();
        foreach (var (key, value) in saved)
        {
            var json = JsonNode.Parse(value)!; // written below
            switch (key.Split(' ', 2))
            {
                case ["client"]:
                    (Client, NextSeq, Clock) = ((string)json["id"]!, (long)json["nextSeq"]!, (long)json["clock"]!);
                    break;
                case ["cursor", var scope]:
                    ScopeOf(scope).Restore((string)json!);
                    break;
                case ["record", _]:
                    ScopeOf((string)json["scope"]!).Restore(json.AsObject());
                    break;
                case ["mutation", _]:
                    Pending.Restore(json);
                    break;
                case ["batch"]:
                    Batch = SentBatch.FromJson(json);
                    break;
                default:
                    throw new InvalidDataException($"{key} is none of a client's keys.");
            }
        }
    }

    public string Client { get; private set; }

    public long NextSeq { get; set; } = 1;

    public long Clock { get; set; }

    public PendingMutations Pending { get; }

    /// <summary>What was sent as a file and has no results yet; null for nothing.</summary>
    public SentBatch? Batch { get; private set; }

    public ScopeCopy ScopeOf(string scope)
    {
        if (!_scopes.TryGetValue(scope, out var copy))
        {
            _scopes[scope] = copy = new ScopeCopy(scope, _changes);
        }

        return copy;
    }

    public void Set(SentBatch? batch)
    {
        Batch = batch;
        _changes["batch"] = batch?.ToJson().ToJsonString();
    }

    /// <exception cref="InvalidOperationException">A commit has failed before: memory is ahead of the disk.</exception>
    public void Commit()
    {
        if (_hasFailed)
        {
            throw new InvalidOperationException("The store has failed: make the client anew, from what the store has.");
        }

        _changes["client"] = new JsonObject { ["id"] = Client, ["nextSeq"] = NextSeq, ["clock"] = Clock }.ToJsonString();
        _hasFailed = true;
        _store.Commit(_changes);
        _hasFailed = false;
        _changes.Clear();
    }
}

/// <summary>A client's copy of one scope.</summary>
internal sealed class ScopeCopy(string scope, Dictionary<string, string?> changes)
{
    private readonly SortedDictionary<string, JsonObject> _records = new(StringComparer.Ordinal);

    public string? Cursor { get; private set; }

    /// <summary>Records as the server delivered them, by collection and id.</summary>
    public IReadOnlyDictionary<string, JsonObject> Records => _records;

    public JsonObject? Find(string collection, string id) => _records.GetValueOrDefault($"{collection}/{id}");

    public void Restore(string cursor) => Cursor = cursor;

    public void Restore(JsonObject record) => _records[KeyOf(record)] = record;

    public void MoveTo(string? cursor)
    {
        Cursor = cursor;
        changes[$"cursor {scope}"] = cursor is null ? null : JsonValue.Create(cursor).ToJsonString();
    }

    public void Keep(JsonObject record)
    {
        _records[KeyOf(record)] = record;
        changes[$"record {scope} {KeyOf(record)}"] = record.ToJsonString();
    }

    public void Remove(string collection, string id)
    {
        if (_records.Remove($"{collection}/{id}"))
        {
            changes[$"record {scope} {collection}/{id}"] = null;
        }
    }

    public void Forget()
    {
        MoveTo(null);
        foreach (var key in _records.Keys)
        {
            changes[$"record {scope} {key}"] = null;
        }

        _records.Clear();
    }

    private static string KeyOf(JsonObject record) => $"{record["collection"]}/{record["id"]}";
}

/// <summary>A batch that the server knows.</summary>
/// <param name="Id">The server's name for it.</param>
/// <param name="Last">The number of its last mutation.</param>
/// <param name="IsUploaded">Whether its file has been taken.</param>
internal sealed record SentBatch(string Id, long Last, bool IsUploaded)
{
    public JsonObject ToJson() => new() { ["id"] = Id, ["last"] = Last, ["uploaded"] = IsUploaded };

    public static SentBatch FromJson(JsonNode json) => new((string)json["id"]!, (long)json["last"]!, (bool)json["uploaded"]!);
}
