using Backend.Media;
using Local.Sqlite;

namespace Local.Blobs;

/// <summary>Blocks that were uploaded and wait to be put together, in the database; their contents are files.</summary>
internal sealed class BlockCatalog(SqliteDatabase database)
{
    /// <summary>
    /// Keeps a block. Blocks of one blob that are not put together may not take more room than the blob may, or an
    /// upload URL would fill the disk.
    /// </summary>
    /// <returns>Whether it was kept, and the file of an earlier block of this id.</returns>
    public Task<(bool IsKept, string? Replaced)> PutAsync(
        BlobName name, Block block, long maxBytes, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(session =>
    {
        var others = (long)(session.Scalar(
            "SELECT COALESCE(SUM(length), 0) FROM blob_blocks WHERE name = $name AND block_id <> $id",
            ("$name", name.ToString()),
            ("$id", block.Id)) ?? 0L);
        if (others + block.Length > maxBytes)
        {
            return (false, null);
        }

        var before = session.Scalar(
            "SELECT file FROM blob_blocks WHERE name = $name AND block_id = $id", ("$name", name.ToString()), ("$id", block.Id));
        session.Execute(
            """
            INSERT OR REPLACE INTO blob_blocks (name, block_id, file, length, created_at)
            VALUES ($name, $id, $file, $length, $now)
            """,
            ("$name", name.ToString()),
            ("$id", block.Id),
            ("$file", block.File),
            ("$length", block.Length),
            ("$now", now.ToUnixTimeMilliseconds()));
        return (true, (string?)before);
    }, ct);

    public IReadOnlyList<Block> List(BlobName name) => database.Read(session => session.Query(
        "SELECT block_id, file, length FROM blob_blocks WHERE name = $name",
        static row => new Block(row.GetString(0), row.GetString(1), row.GetInt64(2)),
        ("$name", name.ToString())));

    /// <returns>The files of the blocks, which nobody needs any more.</returns>
    public Task<List<string>> ForgetAsync(BlobName name, CancellationToken ct) => database.WriteAsync(session => session.Query(
        "DELETE FROM blob_blocks WHERE name = $name RETURNING file", static row => row.GetString(0), ("$name", name.ToString())), ct);

    /// <returns>The files of the blocks that were never put together.</returns>
    public Task<List<string>> ForgetOlderThanAsync(DateTimeOffset threshold, CancellationToken ct) =>
        database.WriteAsync(session => session.Query(
            "DELETE FROM blob_blocks WHERE created_at < $threshold RETURNING file",
            static row => row.GetString(0),
            ("$threshold", threshold.ToUnixTimeMilliseconds())), ct);
}

/// <param name="Id">As the client chose it.</param>
/// <param name="File">The content's file, relative to the blobs folder.</param>
/// <param name="Length">In bytes.</param>
internal sealed record Block(string Id, string File, long Length);
