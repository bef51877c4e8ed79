using Backend.Merging;
using Backend.Records;
using SyncClient;
using RecordAddress = SyncClient.RecordAddress;

namespace Simulator;

/// <summary>Something that the protocol promises did not hold.</summary>
public sealed class PromiseBrokenException(string message) : Exception(message);

/// <summary>
/// Knows everything that was done, and from it, without any of the product's code for merging, what must have come of it. What the
/// store gets is watched: it tells when each deed arrived, and what may not happen to a record at all.
/// </summary>
internal sealed partial class Oracle(TimeProvider time)
{
    private readonly List<Deed> _deeds = [];
    private readonly Dictionary<string, Device> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<RecordAddress, Seen> _seen = [];

    public void Know(Device device) => _devices[Writer.Of(device.User, device.Name)] = device;

    public void Add(Deed deed) => _deeds.Add(deed);

    /// <summary>A new beginning, with records that nobody has touched.</summary>
    public void Forget()
    {
        _deeds.Clear();
        _seen.Clear();
    }

    /// <summary>A record was written.</summary>
    /// <param name="record">As it is now.</param>
    /// <param name="isNew">Whether there was nothing, not even a tombstone.</param>
    public void Watch(StoredRecord record, bool isNew)
    {
        var address = new RecordAddress(record.Key.Scope.Value, record.Key.Collection, record.Key.Id.Value);
        var state = MergeState.Of(record);
        var before = isNew ? null : _seen.GetValueOrDefault(address);
        var version = state.Version.ToString();
        var arrived = new List<Deed>();
        foreach (var (name, entry) in state.Writers)
        {
            if (_devices.TryGetValue(name, out var device) && before?.LastOf(name) != entry.Seq)
            {
                arrived.AddRange(_deeds.Where(deed => deed.Device == device && deed.Commit is null && deed.Record == address
                    && deed.Mutation!.Seq > (before?.LastOf(name) ?? 0) && deed.Mutation.Seq <= entry.Seq));
            }
        }

        foreach (var deed in arrived)
        {
            deed.Commit = new Commit(time.GetUtcNow(), version);
        }

        Judge(address, before, record, arrived);
        if (address.Collection == ScoreResolver.Scores && before is not null && arrived.Count > 0)
        {
            JudgeScore(before, record, arrived);
        }

        var writer = arrived.Count > 0 ? arrived[0].Device!.Name : "";
        var versions = new Dictionary<string, string>(before?.Versions ?? [], StringComparer.Ordinal) { [writer] = version };
        if (state.Writers.TryGetValue(Writer.Server, out var own) && own.Version == state.Version)
        {
            versions[""] = version; // what a resolver made of it, its device has not seen either
        }

        _seen[address] = new Seen(
            record.Deleted, version, ScoreResolver.BestOf(record.Fields), state.Writers.ToDictionary(entry => entry.Key, entry => entry.Value.Seq),
            versions);
    }

    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new PromiseBrokenException(message);
        }
    }

    /// <summary>What may not happen to a record, whoever did what.</summary>
    private static void Judge(RecordAddress address, Seen? before, StoredRecord after, List<Deed> arrived)
    {
        if (before is null || arrived.Count == 0)
        {
            return;
        }

        var device = arrived[0].Device!;
        if (before.Deleted && !after.Deleted && address.Collection != "plans")
        {
            Require(
                arrived.Exists(deed => deed.Mutation!.Op == "put" && (Knows(deed, before.Version) || before.IsOf(device))),
                $"{address} was deleted and is there again by {arrived[0]}, which did not know");
        }

        if (address.Collection == "plans" && !before.Deleted && after.Deleted)
        {
            Require(
                arrived.Exists(deed => deed.Mutation!.Op == "delete" && Knows(deed, before.LastOfOthers(device))),
                $"{address} was deleted by {arrived[0]}, which did not know of an update");
        }

        if (address.Collection == "tasks")
        {
            Require(
                arrived.Exists(deed => Knows(deed, before.LastOfOthers(device))),
                $"{address} was written by {arrived[0]}, which did not know of its version");
        }
    }

    private static bool Knows(Deed deed, string version) => string.CompareOrdinal(deed.Mutation!.Base, version) >= 0;

    /// <summary>A record when it was last written.</summary>
    /// <param name="Deleted">Whether it was a tombstone.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Best">The score that it had, if it is one.</param>
    /// <param name="Numbers">The last number of each writer, as the record has them.</param>
    /// <param name="Versions">The last version of each device, and of the server's own writes under no name.</param>
    private sealed record Seen(
        bool Deleted, string Version, long Best, IReadOnlyDictionary<string, long> Numbers, Dictionary<string, string> Versions)
    {
        public long LastOf(string writer) => Numbers.GetValueOrDefault(writer);

        public bool IsOf(Device device) => Versions.GetValueOrDefault(device.Name) == Version;

        public string LastOfOthers(Device device) => Versions.Where(version => version.Key != device.Name)
            .Select(version => version.Value).Append(HybridClock.Zero).Max(StringComparer.Ordinal)!;
    }
}
