using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>
/// A client of the sync protocol (docs/sync-protocol.md): keeps copies of scopes on a device, takes edits at any time, and
/// exchanges with the server when it can. Used by one thread at a time, but edits may be made while an exchange is on its way.
/// When its store or anything else throws, it is to be made anew from what the store has.
/// </summary>
public sealed partial class Client
{
    private readonly LocalState _state;
    private readonly ITransport _transport;
    private readonly HybridClock _clock;
    private readonly SortedSet<string> _scopes;

    /// <param name="store">The device's disk.</param>
    /// <param name="newClient">A random id, for a device that has none yet.</param>
    /// <param name="scopes">The scopes to keep a copy of.</param>
    /// <param name="time">The device's clock; it may be wrong.</param>
    /// <param name="transport">The way to the server.</param>
    public Client(ILocalStore store, string newClient, IEnumerable<string> scopes, TimeProvider time, ITransport transport)
    {
        _transport = transport;
        _scopes = new SortedSet<string>(scopes, StringComparer.Ordinal);
        _state = new LocalState(store, newClient);
        _clock = new HybridClock(time, _state.Clock);
    }

    /// <summary>The version of the model that the app was built with; null when it does not care.</summary>
    public int? Schema { get; init; }

    /// <summary>The most mutations of one exchange; less when the server says that it is too much.</summary>
    public int PushLimit { get; set; } = 100;

    /// <summary>The most scopes of one exchange.</summary>
    public int ScopeLimit { get; init; } = 20;

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

    /// <summary>The number that the next edit gets.</summary>
    public long NextSeq => _state.NextSeq;

    /// <summary>The mutations that wait for the server's answer, in the order of their numbers.</summary>
    public IEnumerable<Mutation> Queue => _state.Pending.Queue.Values;

    /// <summary>How many they are.</summary>
    public int Queued => _state.Pending.Queue.Count;

    /// <summary>How many mutations the server has taken and no pull has brought yet.</summary>
    public int Shown => _state.Pending.Shown.Count;

    /// <summary>What the server did not take, until the app has looked at it: see <see cref="ForgetRefusal"/>.</summary>
    public IReadOnlyCollection<Refusal> Refusals => _state.Pending.Refused;

    public long Put(RecordAddress record, JsonObject fields, string? group = null) => Edit("put", record, fields, group);

    public long Patch(RecordAddress record, JsonObject fields, string? group = null) => Edit("patch", record, fields, group);

    public long Delete(RecordAddress record, string? group = null) => Edit("delete", record, null, group);

    /// <summary>A record as a person sees it, with what is still on its way; null when there is none.</summary>
    public JsonObject? Read(RecordAddress record) => RecordView.Apply(ServerCopy(record), _state.Pending.Of(record));

    /// <summary>The server's copy of a scope as this device has it, without anything of its own.</summary>
    public IReadOnlyDictionary<string, JsonObject> CopyOf(string scope) => _state.ScopeOf(scope).Records;

    /// <summary>Keeps a copy of one more scope from now on.</summary>
    public void Follow(string scope) => _scopes.Add(scope);

    /// <summary>Keeps no copy of a scope any more. What was changed in it is still sent.</summary>
    public void Leave(string scope)
    {
        _scopes.Remove(scope);
        _due.Remove(scope);
        _state.ScopeOf(scope).Forget();
        Commit();
    }

    /// <summary>The app has seen what became of a mutation.</summary>
    /// <returns>False when it was not refused.</returns>
    public bool ForgetRefusal(long seq)
    {
        var isRefused = _state.Pending.Forget(seq);
        Commit();
        return isRefused;
    }

    private long Edit(string op, RecordAddress record, JsonObject? fields, string? group)
    {
        // As text and back: a number is then what JSON says, of whichever type it was made here.
        var values = fields is null ? null : JsonNode.Parse(fields.ToJsonString())!.AsObject();
        var mutation = new Mutation(_state.NextSeq++, op, record, values, _clock.Tick(), SeenOf(record)) { Group = group };
        _state.Pending.Add(mutation);
        Commit();
        return mutation.Seq;
    }

    /// <summary>The newest version of a record that this device knows.</summary>
    private string SeenOf(RecordAddress record) => _state.Pending.Of(record)
        .Select(mutation => mutation.Version ?? HybridClock.Zero)
        .Append((string?)ServerCopy(record)?["$version"] ?? HybridClock.Zero)
        .Max(StringComparer.Ordinal)!;

    private JsonObject? ServerCopy(RecordAddress record) => _state.ScopeOf(record.Scope).Find(record.Collection, record.Id);

    private void Commit()
    {
        _state.Clock = _clock.Last;
        _state.Commit();
    }
}
