using Backend.Records;
using Local.Sqlite;

namespace Local.Changes;

/// <summary>The changes of all records in the order of their writes, and how far each handler has come.</summary>
internal sealed class ChangePositions(SqliteDatabase database)
{
    /// <summary>
    /// Makes a position for a handler that has none: behind all that is there. Also makes the index that reading in this
    /// order needs, and that a database whose changes nobody follows does without.
    /// </summary>
    public Task EstablishAsync(string handler, CancellationToken ct) => database.WriteAsync(
        session =>
        {
            session.Execute("CREATE INDEX IF NOT EXISTS records_in_order ON records (sequence)");
            return session.Execute(
                """
                INSERT INTO change_positions (handler, sequence)
                SELECT @handler, value FROM sequences WHERE name = 'records' ON CONFLICT DO NOTHING
                """,
                ("@handler", handler));
        },
        ct);

    /// <summary>What changed last behind the handler's position, oldest first; internal collections left out.</summary>
    public List<PendingChange> Read(string handler, int limit) => database.Read(session => session.Query(
        """
        SELECT sequence, scope, collection, id FROM records
        WHERE sequence > (SELECT sequence FROM change_positions WHERE handler = @handler)
            AND substr(collection, 1, 1) <> @internal
        ORDER BY sequence LIMIT @limit
        """,
        static row => new PendingChange(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)),
        ("@handler", handler), ("@internal", $"{IRecordStore.InternalPrefix}"), ("@limit", limit)));

    /// <summary>False when the record was written again since: that write has its own place.</summary>
    public bool IsLatest(PendingChange change) => database.Read(session => session.Scalar(
        "SELECT 1 FROM records WHERE scope = @scope AND sequence = @sequence",
        ("@scope", change.Scope), ("@sequence", change.Sequence)) is not null);

    /// <summary>Moves a position forward, never back: another process may be further.</summary>
    public Task AdvanceAsync(string handler, long sequence, CancellationToken ct) => database.WriteAsync(
        session => session.Execute(
            "UPDATE change_positions SET sequence = @sequence WHERE handler = @handler AND sequence < @sequence",
            ("@handler", handler), ("@sequence", sequence)),
        ct);
}

/// <summary>A record that was written.</summary>
internal sealed record PendingChange(long Sequence, string Scope, string Collection, string Id);
