using System.Globalization;
using Backend.Changes;
using Backend.Records;
using Local.Sqlite;

namespace Local.Changes;

/// <summary>The changes of the records in SQLite, in the order of the numbers that their writes took.</summary>
internal sealed class SqliteChanges(SqliteDatabase database) : IChangeSource
{
    private const int BatchSize = 100;

    /// <summary>A look reads one entry of an index.</summary>
    public TimeSpan LookEvery => TimeSpan.FromMilliseconds(500);

    /// <remarks>
    /// Also makes the index that reading in this order needs, and that a database whose changes nobody follows does without.
    /// </remarks>
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

    public Task<ChangeBatch> ReadAsync(string handler, CancellationToken ct)
    {
        var rows = database.Read(session => session.Query(
            """
            SELECT sequence, scope, collection, id FROM records
            WHERE sequence > (SELECT sequence FROM change_positions WHERE handler = @handler)
            ORDER BY sequence LIMIT @limit
            """,
            static row => (Sequence: row.GetInt64(0), Scope: row.GetString(1), Collection: row.GetString(2), Id: row.GetString(3)),
            ("@handler", handler), ("@limit", BatchSize)));
        var changes = rows.Select(row => new ChangedRecord(
            new RecordKey(
                Scope.TryParseStored(row.Scope, out var scope) ? scope : throw new InvalidDataException($"{row.Scope} is no scope."),
                row.Collection,
                RecordId.TryParse(row.Id, out var id) ? id : throw new InvalidDataException($"{row.Id} is no id.")),
            SqliteRecordStore.ToETag(row.Sequence)));
        return Task.FromResult(new ChangeBatch(
            [.. changes], rows.Count == 0 ? null : rows[^1].Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    /// <remarks>Never back: another process may be further.</remarks>
    public Task AdvanceAsync(string handler, ChangeBatch batch, CancellationToken ct) => database.WriteAsync(
        session => session.Execute(
            "UPDATE change_positions SET sequence = @sequence WHERE handler = @handler AND sequence < @sequence",
            ("@handler", handler), ("@sequence", long.Parse(batch.Position ?? "0", CultureInfo.InvariantCulture))),
        ct);
}
