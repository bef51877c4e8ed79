using System.Text.Json;
using Backend.Model;
using Backend.Records;

namespace Backend.Merging;

/// <summary>
/// What merging has to know of a record's earlier writes. Most of it is left out as long as it follows from something
/// else: a field without a stamp of its own has that of the record's birth, and so has a set's element.
/// </summary>
/// <remarks>Changed in place while one write is prepared, by that write alone; then it is the record's and stays as it is.</remarks>
internal sealed class MergeState
{
    private MergeState(HybridTimestamp version, Stamp birth, HybridTimestamp birthVersion)
    {
        Version = version;
        Birth = birth;
        BirthVersion = birthVersion;
    }

    /// <summary>Greater with every write of the record, and never below any stamp in it.</summary>
    public HybridTimestamp Version { get; set; }

    /// <summary>The stamp of what created the record.</summary>
    public Stamp Birth { get; }

    /// <summary>The version that the record was created with.</summary>
    public HybridTimestamp BirthVersion { get; }

    public bool IsDeleted { get; set; }

    /// <summary>
    /// The last deletion of each writer, also those of former lives: whoever does not know of one of them means what is gone.
    /// </summary>
    public List<Dot> Deletions { get; private init; } = [];

    /// <summary>Stamps of the fields that were written since the birth, also of those that have no value any more.</summary>
    public Dictionary<string, Stamp> Stamps { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>By set and element: the additions, unless that of the birth is the only one.</summary>
    public Dictionary<string, Dictionary<string, List<Dot>>> Additions { get; private init; } = new(StringComparer.Ordinal);

    public Dictionary<string, WriterEntry> Writers { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>The state of a record that is about to be created.</summary>
    public static MergeState Born(Stamp birth, HybridTimestamp version) => new(version, birth, version);

    /// <summary>A copy of a record's state, to prepare the next write with.</summary>
    public static MergeState Of(StoredRecord record) =>
        record.MergeState is { } json ? MergeStateJson.Read(json.Span, record) : Implied(record);

    /// <summary>The record's version, without reading more of the state than that.</summary>
    public static HybridTimestamp VersionOf(StoredRecord record) =>
        record.MergeState is { } json ? MergeStateJson.ReadVersion(json.Span) : HybridTimestamp.At(record.UpdatedAt);

    public static MergeState From(HybridTimestamp version, Stamp birth, HybridTimestamp birthVersion) =>
        new(version, birth, birthVersion);

    public Stamp StampOf(string field) => Stamps.TryGetValue(field, out var stamp) ? stamp : Birth;

    /// <summary>The additions of an element that is in the set.</summary>
    public IReadOnlyList<Dot> AdditionsOf(string field, string element) =>
        Additions.TryGetValue(field, out var elements) && elements.TryGetValue(element, out var additions)
            ? additions
            : [new Dot(Birth.Writer, BirthVersion)];

    /// <summary>Whether anybody but the writer has written since a version.</summary>
    public bool HasOthersSince(HybridTimestamp version, string writer)
    {
        foreach (var (other, entry) in Writers)
        {
            if (entry.Version > version && other != writer)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Forgets writers who have not written since an instant: what they sent by then can no longer arrive again. That
    /// somebody wrote stays known, in the server's name.
    /// </summary>
    public void ForgetWritersBefore(DateTimeOffset time)
    {
        var limit = HybridTimestamp.At(time);
        Deletions.RemoveAll(deletion => deletion.Version < limit && !IsDeleted);
        var last = HybridTimestamp.Zero;
        foreach (var (writer, entry) in Writers)
        {
            if (writer != Writer.Server && entry.Version < limit)
            {
                Writers.Remove(writer); // which a dictionary allows while it is walked
                last = HybridTimestamp.Max(last, entry.Version);
            }
        }

        if (last > HybridTimestamp.Zero && (!Writers.TryGetValue(Writer.Server, out var server) || server.Version < last))
        {
            Writers[Writer.Server] = new WriterEntry(0, default, last);
        }
    }

    /// <summary>What a new life of a deleted record has to know of the former one: what has been received, and that it is over.</summary>
    public void Follow(MergeState former)
    {
        Deletions.AddRange(former.Deletions);
        foreach (var (writer, entry) in former.Writers)
        {
            Writers[writer] = entry;
        }
    }

    /// <summary>Whether a writer knows of every deletion: it has seen or made it.</summary>
    public bool HasSeenDeletions(HybridTimestamp seen, string writer) =>
        Deletions.TrueForAll(deletion => deletion.Version <= seen || deletion.Writer == writer);

    /// <summary>Notes that a writer has deleted the record with this version.</summary>
    public void Delete(string writer)
    {
        IsDeleted = true;
        Deletions.RemoveAll(deletion => deletion.Writer == writer);
        Deletions.Add(new Dot(writer, Version));
    }

    /// <summary>Notes what the server itself changed, which sees all there is and whose word comes last.</summary>
    /// <param name="collection">The record's collection.</param>
    /// <param name="before">The fields as they were.</param>
    /// <param name="after">The fields as they are.</param>
    /// <param name="now">The server's time: a write stands against what is later, not against what others did to other fields.</param>
    /// <param name="patch">What was asked for by name, which counts also where it was so before.</param>
    public void NoteServerChanges(
        CollectionModel collection, RecordFields before, RecordFields after, HybridTimestamp now, JsonElement? patch = null)
    {
        foreach (var field in collection.Fields.Values)
        {
            var was = before.TryGet(field.Name, out var old);
            var isThere = after.TryGet(field.Name, out var value);
            JsonElement asked = default;
            var isNamed = patch?.TryGetProperty(field.Name, out asked) is true;
            if (!isNamed && was == isThere && (!was || JsonElement.DeepEquals(old, value)))
            {
                continue;
            }

            if (field.Type is FieldType.Set)
            {
                var added = isNamed ? SetChange.Read(asked).Add : [];
                SetMerge.Replace(
                    this, field.Name, SetMerge.ElementsOf(was ? old : null), SetMerge.ElementsOf(isThere ? value : null), added);
            }
            else if (field.Type is not FieldType.Counter)
            {
                Stamps[field.Name] = new Stamp(HybridTimestamp.Max(now, StampOf(field.Name).Time.Next), Writer.Server);
            }
        }

        Writers[Writer.Server] = new WriterEntry(0, default, Version);
    }

    public ReadOnlyMemory<byte> ToJson(StoredRecord record) => MergeStateJson.Write(this, record);

    /// <summary>A record that the server created and nobody has written since.</summary>
    private static MergeState Implied(StoredRecord record)
    {
        var version = HybridTimestamp.At(record.UpdatedAt);
        var state = new MergeState(version, new Stamp(version, Writer.Server), version);
        state.Writers[Writer.Server] = new WriterEntry(0, default, version);
        if (record.Deleted)
        {
            state.Delete(Writer.Server);
        }

        return state;
    }
}
