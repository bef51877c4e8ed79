using Backend.Media;
using Backend.Records;
using Local.Sqlite;

namespace Local.Blobs;

/// <summary>
/// Which blobs exist, in the database. A blob's content is a file that is never changed, and its row says which file;
/// so writing a blob, replacing it and telling the world of an upload are one transaction.
/// </summary>
internal sealed class BlobCatalog(SqliteDatabase database)
{
    private const string Columns = "file, etag, length, content_type, last_modified";

    public BlobEntry? Find(BlobName name) => database.Read(session => Find(session, name));

    /// <summary>Points a name at a new file and, for an upload, records the event.</summary>
    /// <returns>The file that the name pointed at before; nobody needs it any more.</returns>
    /// <exception cref="UploadUrlUsedException">An upload has arrived by the URL.</exception>
    public Task<string?> PutAsync(BlobName name, BlobEntry entry, SignedUpload? upload, CancellationToken ct) => database.WriteAsync(session =>
    {
        if (upload is not null)
        {
            Use(session, upload, entry.Properties.LastModified);
        }

        var before = Find(session, name)?.File;
        session.Execute(
            $"""
            INSERT OR REPLACE INTO blobs (name, {Columns})
            VALUES ($name, $file, $etag, $length, $type, $modified)
            """,
            ("$name", name.ToString()),
            ("$file", entry.File),
            ("$etag", entry.Properties.ETag.Value),
            ("$length", entry.Properties.Length),
            ("$type", entry.Properties.ContentType),
            ("$modified", entry.Properties.LastModified.ToUnixTimeMilliseconds()));
        if (name.Container == BlobName.Uploads)
        {
            session.Execute("INSERT INTO blob_events (path) VALUES ($path)", ("$path", name.Path));
        }

        return before;
    }, ct);

    /// <returns>The file that the name pointed at; null when there was no such blob.</returns>
    public Task<string?> RemoveAsync(BlobName name, CancellationToken ct) => database.WriteAsync(session =>
    {
        var before = Find(session, name)?.File;
        session.Execute("DELETE FROM blobs WHERE name = $name", ("$name", name.ToString()));
        return before;
    }, ct);

    /// <summary>Names that begin with a prefix and come after another name, in their order.</summary>
    public IReadOnlyList<BlobName> List(BlobPrefix prefix, string? after, int limit) => database.Read(session => session.Query(
        "SELECT name FROM blobs WHERE name >= $prefix AND name < $end AND name > $after ORDER BY name LIMIT $limit",
        static row => BlobName.TryParse(row.GetString(0), out var name)
            ? name
            : throw new InvalidDataException($"{row.GetString(0)} is no blob's name"),
        ("$prefix", prefix.ToString()),
        // Names are ASCII: nothing that begins with the prefix comes after this.
        ("$end", prefix + "\u007f"),
        ("$after", after ?? ""),
        ("$limit", (long)limit)));

    /// <summary>Whether a file is the content of a blob or of a block.</summary>
    public bool IsInUse(string file) => database.Read(session =>
        session.Scalar(
            "SELECT 1 FROM blobs WHERE file = $file UNION ALL SELECT 1 FROM blob_blocks WHERE file = $file",
            ("$file", file)) is not null);

    /// <summary>The oldest upload events that were not handled yet and whose turn it is.</summary>
    public IReadOnlyList<UploadEvent> DueEvents(DateTimeOffset now, int limit) => database.Read(session => session.Query(
        "SELECT sequence, path, failures FROM blob_events WHERE retry_at <= $now ORDER BY sequence LIMIT $limit",
        static row => new UploadEvent(row.GetInt64(0), row.GetString(1), (int)row.GetInt64(2)),
        ("$now", now.ToUnixTimeMilliseconds()),
        ("$limit", (long)limit)));

    /// <summary>When the next postponed event is due; null when none is left.</summary>
    public DateTimeOffset? NextEventAt() => database.Read(static session =>
        session.Scalar("SELECT MIN(retry_at) FROM blob_events") is long at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : (DateTimeOffset?)null);

    /// <summary>Forgets an event once it is handled; until then it is delivered again after every restart.</summary>
    public Task CompleteEventAsync(UploadEvent uploaded, CancellationToken ct) => database.WriteAsync(session =>
        session.Execute("DELETE FROM blob_events WHERE sequence = $sequence", ("$sequence", uploaded.Sequence)), ct);

    /// <summary>Keeps an event that could not be handled for later.</summary>
    public Task PostponeEventAsync(UploadEvent uploaded, DateTimeOffset until, CancellationToken ct) => database.WriteAsync(session =>
        session.Execute(
            "UPDATE blob_events SET failures = failures + 1, retry_at = $until WHERE sequence = $sequence",
            ("$until", until.ToUnixTimeMilliseconds()),
            ("$sequence", uploaded.Sequence)), ct);

    /// <summary>Makes all postponed events due, however the clock was set meanwhile.</summary>
    public Task ResumeEventsAsync(CancellationToken ct) => database.WriteAsync(
        static session => session.Execute("UPDATE blob_events SET retry_at = 0 WHERE retry_at > 0"), ct);

    /// <summary>Whether an upload has arrived by this URL.</summary>
    public bool IsUsed(SignedUpload upload) => database.Read(session =>
        session.Scalar("SELECT 1 FROM used_upload_urls WHERE id = $id", ("$id", upload.Id)) is not null);

    private static void Use(SqliteSession session, SignedUpload upload, DateTimeOffset now)
    {
        session.Execute("DELETE FROM used_upload_urls WHERE expires_at < $now", ("$now", now.ToUnixTimeMilliseconds()));
        var used = session.Execute(
            "INSERT OR IGNORE INTO used_upload_urls (id, expires_at) VALUES ($id, $expires)",
            ("$id", upload.Id), ("$expires", upload.Terms.ExpiresAt.ToUnixTimeMilliseconds()));
        if (used == 0)
        {
            throw new UploadUrlUsedException();
        }
    }

    private static BlobEntry? Find(SqliteSession session, BlobName name) => session.QueryFirst(
        $"SELECT {Columns} FROM blobs WHERE name = $name", ReadRow, ("$name", name.ToString()));

    private static BlobEntry ReadRow(SqliteRow row) => new(
        row.GetString(0),
        new BlobProperties(
            new ETag(row.GetString(1)),
            row.GetInt64(2),
            row.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4))));
}

/// <param name="File">The content's file, relative to the blobs folder.</param>
/// <param name="Properties">What readers are told.</param>
internal sealed record BlobEntry(string File, BlobProperties Properties);

/// <param name="Sequence">The order of uploads.</param>
/// <param name="Path">The blob's path within the uploads container.</param>
/// <param name="Failures">How often it could not be handled.</param>
internal sealed record UploadEvent(long Sequence, string Path, int Failures);
