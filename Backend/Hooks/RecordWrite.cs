using System.Text.Json;
using Backend.Http;
using Backend.Records;
using Backend.Rules;
using Backend.Security;

namespace Backend.Hooks;

/// <summary>A write that is about to happen, as a hook sees and changes it.</summary>
public sealed class RecordWrite
{
    private readonly IRecordStore _store;
    private readonly Dictionary<string, JsonElement> _changes = new(StringComparer.Ordinal);

    internal RecordWrite(IRecordStore store, Caller caller, RecordOperation operation, StoredRecord? before, StoredRecord after)
    {
        _store = store;
        Caller = caller;
        Operation = operation;
        Before = before;
        After = after;
    }

    /// <summary>Who writes.</summary>
    public Caller Caller { get; }

    public RecordOperation Operation { get; }

    /// <summary>The record as it is, a tombstone when it is restored; null when it is created.</summary>
    public StoredRecord? Before { get; }

    /// <summary>The record as the client wants it; for a deletion, as it is.</summary>
    public StoredRecord After { get; }

    internal IReadOnlyDictionary<string, JsonElement> Changes => _changes;

    /// <summary>The value that the record will have, changes of hooks included; false when it has none.</summary>
    public bool TryGet(string field, out JsonElement value) =>
        (_changes.TryGetValue(field, out value) || After.Fields.TryGet(field, out value))
        && value.ValueKind is not JsonValueKind.Null;

    /// <summary>As <see cref="TryGet"/>, for whole numbers.</summary>
    public bool TryGetInt64(string field, out long value)
    {
        value = 0;
        return TryGet(field, out var element) && element.ValueKind is JsonValueKind.Number && element.TryGetInt64(out value);
    }

    /// <summary>As <see cref="TryGet"/>, for strings.</summary>
    public string? GetString(string field) =>
        TryGet(field, out var element) && element.ValueKind is JsonValueKind.String ? element.GetString() : null;

    public void Set(string field, long value) => Write(field, writer => writer.WriteNumberValue(value));

    public void Set(string field, double value) => Write(field, writer => writer.WriteNumberValue(value));

    public void Set(string field, bool value) => Write(field, writer => writer.WriteBooleanValue(value));

    /// <summary>Sets a string, reference or media field; null removes the value.</summary>
    public void Set(string field, string? value) => Write(field, writer => writer.WriteStringValue(value));

    /// <summary>Sets a timestamp.</summary>
    public void Set(string field, DateTimeOffset value) => Set(field, Timestamps.Format(value));

    /// <summary>Sets a value of any type, as JSON.</summary>
    public void Set(string field, JsonElement value) => _changes[field] = value;

    /// <summary>
    /// Another record of the same scope as it is stored, whoever may read it; null when there is none. What other
    /// operations of the same batch are about to write is not in it.
    /// </summary>
    public async Task<StoredRecord?> FindAsync(string collection, RecordId id, CancellationToken ct) =>
        await _store.FindAsync(new RecordKey(After.Key.Scope, collection, id), ct) is { Deleted: false } found ? found : null;

    private void Write(string field, Action<Utf8JsonWriter> write) => _changes[field] = JsonText.Write(write);
}
