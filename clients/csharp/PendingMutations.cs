using System.Globalization;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>Mutations from when they are made to when nothing is left to do about them, in the order of their numbers.</summary>
internal sealed class PendingMutations(Dictionary<string, string?> changes)
{
    private readonly SortedDictionary<long, Mutation> _queue = [];
    private readonly SortedDictionary<long, Mutation> _shown = [];
    private readonly SortedDictionary<long, Refusal> _refused = [];
    private readonly Dictionary<RecordAddress, SortedSet<long>> _ofRecords = [];

    /// <summary>What the server has not answered.</summary>
    public IReadOnlyDictionary<long, Mutation> Queue => _queue;

    /// <summary>What the server has taken and no pull has brought yet.</summary>
    public IReadOnlyDictionary<long, Mutation> Shown => _shown;

    /// <summary>What the server did not take.</summary>
    public IReadOnlyCollection<Refusal> Refused => _refused.Values;

    /// <summary>Those of a record that its copy does not have yet: what the server has taken, then what it has not.</summary>
    public IEnumerable<Mutation> Of(RecordAddress record) => _ofRecords.TryGetValue(record, out var numbers)
        ? numbers.Where(_shown.ContainsKey).Select(seq => _shown[seq]).Concat(numbers.Where(_queue.ContainsKey).Select(seq => _queue[seq]))
        : [];

    public void Restore(JsonNode json)
    {
        var mutation = Mutation.FromStored(json);
        if ((string?)json["status"] is { } status)
        {
            _refused.Add(mutation.Seq, new Refusal(mutation, status, (string?)json["code"]));
            return;
        }

        (mutation.Version is null ? _queue : _shown).Add(mutation.Seq, mutation);
        NumbersOf(mutation.Record).Add(mutation.Seq);
    }

    public void Add(Mutation mutation)
    {
        _queue.Add(mutation.Seq, mutation);
        NumbersOf(mutation.Record).Add(mutation.Seq);
        Write(mutation);
    }

    public void MarkSent(Mutation mutation, DateTimeOffset at)
    {
        _queue[mutation.Seq] = mutation with { SentAt = at };
        Write(_queue[mutation.Seq]);
    }

    /// <summary>The server has it, in a version.</summary>
    public void Show(Mutation mutation, string version)
    {
        _queue.Remove(mutation.Seq);
        _shown.Add(mutation.Seq, mutation with { Version = version });
        Write(_shown[mutation.Seq]);
    }

    public void Refuse(Mutation mutation, string status, string? code)
    {
        Leave(_queue, mutation);
        _refused.Add(mutation.Seq, new Refusal(mutation, status, code));
        var json = mutation.ToStored();
        (json["status"], json["code"]) = (status, code);
        changes[KeyOf(mutation.Seq)] = json.ToJsonString();
    }

    /// <summary>The app has seen it.</summary>
    public bool Forget(long seq)
    {
        changes[KeyOf(seq)] = null;
        return _refused.Remove(seq);
    }

    /// <summary>Mutations that the server's copy has from now on.</summary>
    public void Hide(RecordAddress record, string version) =>
        HideAll(Of(record).Where(mutation => mutation.Version is { } own && string.CompareOrdinal(own, version) <= 0));

    /// <summary>The copy of a scope has all that the server has taken.</summary>
    public void HideAll(string scope) => HideAll(_shown.Values.Where(mutation => mutation.Record.Scope == scope));

    private void HideAll(IEnumerable<Mutation> mutations)
    {
        foreach (var mutation in mutations.ToList())
        {
            Leave(_shown, mutation);
            changes[KeyOf(mutation.Seq)] = null;
        }
    }

    private void Leave(SortedDictionary<long, Mutation> which, Mutation mutation)
    {
        which.Remove(mutation.Seq);
        if (_ofRecords.TryGetValue(mutation.Record, out var numbers) && numbers.Remove(mutation.Seq) && numbers.Count == 0)
        {
            _ofRecords.Remove(mutation.Record);
        }
    }

    private SortedSet<long> NumbersOf(RecordAddress record)
    {
        if (!_ofRecords.TryGetValue(record, out var numbers))
        {
            _ofRecords[record] = numbers = [];
        }

        return numbers;
    }

    private void Write(Mutation mutation) => changes[KeyOf(mutation.Seq)] = mutation.ToStored().ToJsonString();

    private static string KeyOf(long seq) => string.Create(CultureInfo.InvariantCulture, $"mutation {seq}");
}
