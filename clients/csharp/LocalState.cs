using System.Text;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>Everything that a client has on disk. It is written whole: no step of the protocol can be half done.</summary>
internal sealed class LocalState
{
    public required string Client { get; init; }

    public long NextSeq { get; set; } = 1;

    public long Clock { get; set; }

    public SortedDictionary<string, ScopeCopy> Scopes { get; } = new(StringComparer.Ordinal);

    /// <summary>What the server has not answered, in the order of its numbers.</summary>
    public List<Mutation> Queue { get; private set; } = [];

    /// <summary>What the server has taken and no pull has brought yet.</summary>
    public List<Mutation> Shown { get; private set; } = [];

    public List<Refusal> Refusals { get; private set; } = [];

    public ScopeCopy ScopeOf(string scope)
    {
        if (!Scopes.TryGetValue(scope, out var copy))
        {
            Scopes[scope] = copy = new ScopeCopy();
        }

        return copy;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["client"] = Client,
        ["nextSeq"] = NextSeq,
        ["clock"] = Clock,
        ["scopes"] = new JsonObject(Scopes.Select(scope => KeyValuePair.Create(scope.Key, (JsonNode?)scope.Value.ToJson()))),
        ["queue"] = new JsonArray([.. Queue.Select(mutation => mutation.ToStored())]),
        ["shown"] = new JsonArray([.. Shown.Select(mutation => mutation.ToStored())]),
        ["refusals"] = new JsonArray([.. Refusals.Select(refusal => new JsonObject
        {
            ["mutation"] = refusal.Mutation.ToStored(), ["status"] = refusal.Status, ["code"] = refusal.Code,
        })]),
    }.ToJsonString());

    public static LocalState FromBytes(byte[] bytes)
    {
        var json = JsonNode.Parse(bytes)!.AsObject(); // written above
        var state = new LocalState
        {
            Client = (string)json["client"]!,
            NextSeq = (long)json["nextSeq"]!,
            Clock = (long)json["clock"]!,
            Queue = [.. json["queue"]!.AsArray().Select(item => Mutation.FromStored(item!))],
            Shown = [.. json["shown"]!.AsArray().Select(item => Mutation.FromStored(item!))],
            Refusals = [.. json["refusals"]!.AsArray().Select(item => new Refusal(
                Mutation.FromStored(item!["mutation"]!), (string)item["status"]!, (string?)item["code"]))],
        };
        foreach (var (scope, copy) in json["scopes"]!.AsObject())
        {
            state.Scopes[scope] = ScopeCopy.FromJson(copy!);
        }

        return state;
    }
}

/// <summary>A client's copy of one scope.</summary>
internal sealed class ScopeCopy
{
    public string? Cursor { get; set; }

    /// <summary>Records as the server delivered them, by collection and id.</summary>
    public SortedDictionary<string, JsonObject> Records { get; } = new(StringComparer.Ordinal);

    public JsonObject ToJson() => new()
    {
        ["cursor"] = Cursor,
        ["records"] = new JsonObject(Records.Select(record => KeyValuePair.Create(record.Key, (JsonNode?)record.Value.DeepClone()))),
    };

    public static ScopeCopy FromJson(JsonNode json)
    {
        var copy = new ScopeCopy { Cursor = (string?)json["cursor"] };
        foreach (var (key, record) in json["records"]!.AsObject())
        {
            copy.Records[key] = record!.DeepClone().AsObject();
        }

        return copy;
    }
}
