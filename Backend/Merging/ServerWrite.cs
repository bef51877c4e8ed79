using System.Text.Json;
using Backend.Model;
using Backend.Records;

namespace Backend.Merging;

/// <summary>Keeps the state of records true that are written without a mutation: by the data API and by hooks.</summary>
internal static class ServerWrite
{
    /// <param name="collection">The record's collection.</param>
    /// <param name="before">The record or tombstone that is replaced.</param>
    /// <param name="after">What replaces it, without its state.</param>
    /// <param name="patch">What was asked for by name; null when the record was replaced as a whole, and what stays stays.</param>
    public static StoredRecord Replace(CollectionModel collection, StoredRecord before, StoredRecord after, JsonElement? patch = null)
    {
        var state = MergeState.Of(before);
        state.Version = HybridTimestamp.Max(state.Version.Next, HybridTimestamp.At(after.UpdatedAt));
        state.IsDeleted = false;
        if (after.Deleted)
        {
            state.Delete(Writer.Server);
        }
        else if (before.Deleted)
        {
            state.Deletions.Clear(); // undone: it is as if nobody had deleted the record
        }

        state.NoteServerChanges(collection, before.Fields, after.Fields, HybridTimestamp.At(after.UpdatedAt), patch);
        return after with { MergeState = state.ToJson(after) };
    }

    /// <summary>A record under the id of a deleted one: a life of its own, but what was received stays known.</summary>
    public static StoredRecord Recreate(StoredRecord tombstone, StoredRecord record)
    {
        var former = MergeState.Of(tombstone);
        var version = HybridTimestamp.Max(former.Version.Next, HybridTimestamp.At(record.UpdatedAt));
        var state = MergeState.Born(new Stamp(version, Writer.Server), version);
        state.Follow(former);
        state.Writers[Writer.Server] = new WriterEntry(0, default, version);
        return record with { MergeState = state.ToJson(record) };
    }

    /// <summary>What hooks changed of a record that is about to be written.</summary>
    public static StoredRecord Amend(CollectionModel collection, RecordFields before, StoredRecord after)
    {
        if (after.MergeState is null || ReferenceEquals(before, after.Fields))
        {
            return after;
        }

        var state = MergeState.Of(after);
        state.NoteServerChanges(collection, before, after.Fields, HybridTimestamp.At(after.UpdatedAt));
        return after with { MergeState = state.ToJson(after) };
    }
}
