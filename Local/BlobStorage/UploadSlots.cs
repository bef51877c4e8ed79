using System.Collections.Concurrent;
using Local.Sqlite;

namespace Local.BlobStorage;

/// <summary>
/// The blobs for which upload URLs were handed out, until nothing can come by them any more: all places where an upload
/// can appear. They are in the database, so that a restart knows them, and in memory, with when to look at each next.
/// </summary>
internal sealed class UploadSlots
{
    private readonly SqliteDatabase _database;
    private readonly ConcurrentDictionary<string, UploadSlot> _slots;

    public UploadSlots(SqliteDatabase database)
    {
        _database = database;
        _slots = new(
            database.Read(static session => session.Query("SELECT path, opened_at, until, etag FROM upload_slots", static row => new UploadSlot(
                row.GetString(0),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
                row.IsDBNull(3) ? null : row.GetString(3),
                NextLook: DateTimeOffset.MinValue))).Select(static slot => KeyValuePair.Create(slot.Path, slot)),
            StringComparer.Ordinal);
    }

    /// <summary>Expects an upload; durable when it returns.</summary>
    /// <param name="path">The blob, within the uploads container.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When nothing can come any more.</param>
    /// <param name="ct">Cancels.</param>
    public async Task OpenAsync(string path, DateTimeOffset now, DateTimeOffset until, CancellationToken ct)
    {
        await _database.WriteAsync(session => session.Execute(
            """
            INSERT INTO upload_slots (path, opened_at, until) VALUES ($path, $now, $until)
            ON CONFLICT (path) DO UPDATE SET opened_at = excluded.opened_at, until = MAX(until, excluded.until)
            """,
            ("$path", path), ("$now", now.ToUnixTimeMilliseconds()), ("$until", until.ToUnixTimeMilliseconds())), ct);
        _slots.AddOrUpdate(
            path,
            static (path, opened) => new UploadSlot(path, opened.now, opened.until, ETag: null, opened.now),
            static (_, before, opened) => before with
            {
                OpenedAt = opened.now,
                Until = opened.until > before.Until ? opened.until : before.Until,
                NextLook = opened.now,
            },
            (now, until));
    }

    /// <summary>The slots whose turn it is.</summary>
    public IReadOnlyList<UploadSlot> Due(DateTimeOffset now) => [.. _slots.Values.Where(slot => slot.NextLook <= now)];

    /// <summary>Nothing new: look again later. Without effect if the slot was opened again meanwhile.</summary>
    public void PutOff(UploadSlot seen, DateTimeOffset nextLook, int failures = 0) =>
        _slots.TryUpdate(seen.Path, seen with { NextLook = nextLook, Failures = failures }, seen);

    /// <summary>Remembers that an upload was handed on; if that is forgotten, it is only handed on once more.</summary>
    public async Task ReceivedAsync(UploadSlot seen, string etag, DateTimeOffset nextLook, CancellationToken ct)
    {
        await _database.WriteAsync(session => session.Execute(
            "UPDATE upload_slots SET etag = $etag WHERE path = $path", ("$etag", etag), ("$path", seen.Path)), ct);
        _slots.TryUpdate(seen.Path, seen with { ETag = etag, NextLook = nextLook, Failures = 0 }, seen);
    }

    /// <summary>Expects nothing any more, unless the slot was opened again meanwhile.</summary>
    public async Task ForgetAsync(UploadSlot seen, CancellationToken ct)
    {
        await _database.WriteAsync(session => session.Execute(
            "DELETE FROM upload_slots WHERE path = $path AND opened_at = $opened",
            ("$path", seen.Path), ("$opened", seen.OpenedAt.ToUnixTimeMilliseconds())), ct);
        _slots.TryRemove(KeyValuePair.Create(seen.Path, seen));
    }
}

/// <param name="Path">The blob, within the uploads container.</param>
/// <param name="OpenedAt">When it was last announced.</param>
/// <param name="Until">When nothing can come any more.</param>
/// <param name="ETag">Of the upload that was handed on last.</param>
/// <param name="NextLook">When to look at it next.</param>
/// <param name="Failures">How often in a row its upload could not be handed on.</param>
internal sealed record UploadSlot(
    string Path, DateTimeOffset OpenedAt, DateTimeOffset Until, string? ETag, DateTimeOffset NextLook, int Failures = 0);
