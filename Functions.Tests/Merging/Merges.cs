using System.Text.Json;
using Backend.Merging;
using Backend.Model;
using Backend.Records;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Merging;

/// <summary>A record that mutations arrive at, one after the other, without a server around it.</summary>
internal sealed class Merges
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RecordKey Key = new(Scope.ForUser("alice"), "notes", RecordId.TryParse("n", out var id) ? id : default);

    private DateTimeOffset _now = Noon;

    public Merges(CollectionModel? collection = null) => Collection = collection ?? Notes;

    public static CollectionModel Notes { get; } = ModelLoader.Load(RepositoryFiles.Model).Collections["notes"];

    public CollectionModel Collection { get; }

    public StoredRecord? Record { get; private set; }

    public HybridTimestamp Version => Record is null ? HybridTimestamp.Zero : MergeState.VersionOf(Record);

    /// <summary>The fields, in one text for equal values; null when there is no record or it is deleted.</summary>
    public string? Fields => Record is { Deleted: false } ? Text(Record.Fields) : null;

    public static string Text(RecordFields fields) =>
        System.Text.Encoding.UTF8.GetString(Backend.Sync.Pull.CanonicalJson.Of(fields.Utf8));

    public MergeOutcome Apply(Mutation mutation, IRecordResolver? resolver = null)
    {
        _now = _now.AddSeconds(1);
        var outcome = MergeMutation.Apply(Collection, Record, mutation, new MergeClock(_now, TimeSpan.FromMinutes(1)), resolver);
        if (outcome is MergeOutcome.Merged merged)
        {
            Record = new StoredRecord
            {
                Key = Key,
                Owner = "alice",
                CreatedAt = Record?.CreatedAt ?? _now,
                UpdatedAt = _now,
                Deleted = merged.Deleted,
                Fields = merged.Fields,
            };
            Record = Record with { MergeState = merged.State.ToJson(Record) };
        }

        return outcome;
    }

    /// <summary>What the data API writes.</summary>
    public void Write(string fields, bool deleted = false, string? patch = null)
    {
        _now = _now.AddSeconds(1);
        var after = new StoredRecord
        {
            Key = Key,
            Owner = "alice",
            CreatedAt = Record?.CreatedAt ?? _now,
            UpdatedAt = _now,
            Deleted = deleted,
            Fields = new RecordFields(System.Text.Encoding.UTF8.GetBytes(fields)),
        };
        Record = Record is null ? after : ServerWrite.Replace(Collection, Record, after, patch is null ? null : JsonElement.Parse(patch));
    }

    public static Mutation Put(string writer, long seq, string fields, HybridTimestamp? seen = null, int second = 0) =>
        Of(MutationOp.Put, writer, seq, fields, seen, second);

    public static Mutation Patch(string writer, long seq, string fields, HybridTimestamp? seen = null, int second = 0) =>
        Of(MutationOp.Patch, writer, seq, fields, seen, second);

    public static Mutation Delete(string writer, long seq, HybridTimestamp? seen = null, int second = 0) =>
        Of(MutationOp.Delete, writer, seq, "{}", seen, second);

    /// <param name="op">What is done.</param>
    /// <param name="writer">By whom.</param>
    /// <param name="seq">Its number.</param>
    /// <param name="fields">With which fields.</param>
    /// <param name="seen">The version that the writer had; null for nothing.</param>
    /// <param name="second">Before noon, so that no stamp lies in the future.</param>
    private static Mutation Of(MutationOp op, string writer, long seq, string fields, HybridTimestamp? seen, int second) => new()
    {
        Op = op,
        Writer = writer,
        Seq = seq,
        Fields = JsonElement.Parse(fields),
        Base = seen ?? HybridTimestamp.Zero,
        Stamp = HybridTimestamp.At(Noon.AddHours(-1).AddSeconds(second)),
    };
}
