using System.Globalization;
using Backend.Records;
using Microsoft.Data.Sqlite;

namespace Local.Sqlite;

/// <summary>
/// Records in SQLite. Every write takes the next number of one sequence inside its transaction; since transactions are
/// serial, the order of numbers is the order of commits, and "after number n" never skips a write that commits later.
/// </summary>
internal sealed class SqliteRecordStore(SqliteDatabase database) : IRecordStore
{
    private const string Columns = "scope, collection, id, sequence, owner, created_at, updated_at, deleted, fields";

    private const int ColumnCount = 9;

    private const string SelectOne =
        $"SELECT {Columns} FROM records WHERE scope = $scope AND collection = $collection AND id = $id";

    public Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct) =>
        Task.FromResult(database.Read(session => Find(session, key)));

    public Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct) =>
        database.WriteAsync<WriteOutcome>(session => Find(session, record.Key) is { } taken
            ? new WriteOutcome.Conflict(taken)
            : new WriteOutcome.Written(Write(session, record)), ct);

    public Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct) =>
        database.WriteAsync<WriteOutcome>(session => Find(session, record.Key) is var current && current?.ETag != expected
            ? new WriteOutcome.Conflict(current)
            : new WriteOutcome.Written(Write(session, record)), ct);

    public Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<StoredRecord>>(database.Read(session =>
            ids.Select(id => Find(session, new RecordKey(scope, collection, id))).OfType<StoredRecord>().ToList()));

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct)
    {
        if (SqliteRecordQuery.Create(query) is not { } sql)
        {
            return Task.FromResult(RecordPage.Empty);
        }

        var rows = database.Read(session => ReadPage(session, sql, query));
        var hasMore = rows.Count > query.Limit;
        if (hasMore)
        {
            rows.RemoveAt(query.Limit);
        }

        return Task.FromResult(new RecordPage([.. rows.Select(row => row.Record)], hasMore, rows is [.., var last] ? last.Place : null));
    }

    public Task<long> CountAsync(RecordQuery query, CancellationToken ct) => Task.FromResult(
        SqliteRecordQuery.Create(query) is { } sql
            ? database.Read(session => session.QueryOnce(sql.CountSql, static row => row.GetInt64(0), sql.Parameters)[0])
            : 0);

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, int limit, CancellationToken ct)
    {
        var start = 0L;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out start))
        {
            throw new ArgumentException($"'{after}' is no position of this store", nameof(after));
        }

        // One more than asked for tells whether there is more.
        var rows = database.Read(session => session.Query(
            $"SELECT {Columns} FROM records WHERE scope = $scope AND sequence > $after ORDER BY sequence LIMIT $limit",
            ReadRow,
            ("$scope", scope.Value),
            ("$after", start),
            ("$limit", limit + 1L)));
        var hasMore = rows.Count > limit;
        if (hasMore)
        {
            rows.RemoveAt(limit);
        }

        return Task.FromResult(new ChangePage(rows, rows is [.., var last] ? last.ETag.Value : after, hasMore));
    }

    public Task CheckAsync(CancellationToken ct) =>
        database.WriteAsync(static session => session.Scalar("SELECT value FROM sequences WHERE name = 'records'"), ct);

    /// <summary>One record more than asked for, which tells whether there is more.</summary>
    private static List<(StoredRecord Record, RecordPosition Place)> ReadPage(
        SqliteSession session, SqliteRecordQuery sql, RecordQuery query)
    {
        var rows = new List<(StoredRecord, RecordPosition)>(query.Limit + 1);
        // The parts of a page see one state of the database.
        session.Execute("BEGIN");
        try
        {
            foreach (var part in sql.PageSql(Columns))
            {
                var missing = query.Limit + 1 - rows.Count;
                rows.AddRange(session.QueryOnce(part, row => ReadPlacedRow(row, query.Sort.Count), sql.ParametersWith(missing)));
                if (rows.Count > query.Limit)
                {
                    break;
                }
            }
        }
        finally
        {
            session.Execute("COMMIT");
        }

        return rows;
    }

    private static (StoredRecord Record, RecordPosition Place) ReadPlacedRow(SqliteDataReader row, int keys)
    {
        var record = ReadRow(row);
        var values = new object?[keys];
        for (var i = 0; i < keys; i++)
        {
            var value = row.GetValue(ColumnCount + i);
            values[i] = value is DBNull ? null : value;
        }

        return (record, new RecordPosition(values, record.Key.Id));
    }

    private static StoredRecord? Find(SqliteSession session, RecordKey key) => session.QueryFirst(
        SelectOne, ReadRow, ("$scope", key.Scope.Value), ("$collection", key.Collection), ("$id", key.Id.Value));

    private static StoredRecord Write(SqliteSession session, StoredRecord record)
    {
        var sequence = session.Scalar("UPDATE sequences SET value = value + 1 WHERE name = 'records' RETURNING value");
        session.Execute(
            $"""
            INSERT INTO records ({Columns})
            VALUES ($scope, $collection, $id, $sequence, $owner, $created, $updated, $deleted, $fields)
            ON CONFLICT (scope, collection, id) DO UPDATE SET
                sequence = excluded.sequence, owner = excluded.owner, created_at = excluded.created_at,
                updated_at = excluded.updated_at, deleted = excluded.deleted, fields = excluded.fields
            """,
            ("$scope", record.Key.Scope.Value),
            ("$collection", record.Key.Collection),
            ("$id", record.Key.Id.Value),
            ("$sequence", sequence),
            ("$owner", record.Owner),
            ("$created", record.CreatedAt.ToUnixTimeMilliseconds()),
            ("$updated", record.UpdatedAt.ToUnixTimeMilliseconds()),
            ("$deleted", record.Deleted ? 1L : 0L),
            ("$fields", record.Fields.Utf8.ToArray()));
        return record with { ETag = ToETag((long)sequence!) }; // the row was created with the table
    }

    private static StoredRecord ReadRow(SqliteDataReader row)
    {
        if (!Scope.TryParse(row.GetString(0), out var scope) || !RecordId.TryParse(row.GetString(2), out var id))
        {
            throw new InvalidDataException($"The database has a record at {row.GetString(0)}/{row.GetString(2)}");
        }

        return new StoredRecord
        {
            Key = new RecordKey(scope, row.GetString(1), id),
            ETag = ToETag(row.GetInt64(3)),
            Owner = row.GetString(4),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            Deleted = row.GetInt64(7) != 0,
            Fields = new RecordFields(row.GetFieldValue<byte[]>(8)),
        };
    }

    private static ETag ToETag(long sequence) => new(sequence.ToString(CultureInfo.InvariantCulture));
}
