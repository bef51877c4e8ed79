using System.Globalization;
using Backend.Records;

namespace Local.Sqlite;

/// <summary>
/// Records in SQLite. Every write takes the next number of one sequence inside its transaction; since transactions are
/// serial, the order of numbers is the order of commits, and "after number n" never skips a write that commits later.
/// </summary>
internal sealed class SqliteRecordStore(SqliteDatabase database, TimeProvider time) : IRecordStore
{
    private const string Columns = "scope, collection, id, sequence, owner, created_at, updated_at, deleted, fields, expires_at, merge_state";

    private const int ColumnCount = 11;

    private const string NotExpired = SqliteRecordQuery.NotExpired;

    private const string SelectSequence = "SELECT value FROM sequences WHERE name = 'records'";

    private static readonly string InternalPrefix = IRecordStore.InternalPrefix.ToString();

    private const string SelectOne =
        $"SELECT {Columns} FROM records WHERE scope = $scope AND collection = $collection AND id = $id AND {NotExpired}";

    private const string Insert = $"""
        INSERT INTO records ({Columns})
        VALUES ($scope, $collection, $id, $sequence, $owner, $created, $updated, $deleted, $fields, $expires, $merge)
        """;

    private const string Assignments = """
        sequence = $sequence, owner = $owner, created_at = $created, updated_at = $updated, deleted = $deleted, fields = $fields,
        expires_at = $expires, merge_state = $merge
        """;

    private const string Update =
        $"UPDATE records SET {Assignments} WHERE scope = $scope AND collection = $collection AND id = $id AND sequence = $expected AND {NotExpired}";

    private readonly Lazy<string> _epoch = new(() => database.Read(static session =>
        (string?)session.Scalar("SELECT epoch FROM store") ?? throw new InvalidDataException("The database has no epoch")));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct) =>
        Task.FromResult(database.Read(session => Find(session, key)));

    public Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct) =>
        database.WriteAsync(session => Write(session, record, null, NextSequence(session)), ct);

    public Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct) =>
        database.WriteAsync(session => Write(session, record, expected, NextSequence(session)), ct);

    public Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        RecordChange.Check(scope, changes, IRecordStore.MaxWrites);
        return database.WriteAsync<IReadOnlyList<WriteOutcome>>(session =>
        {
            var first = NextSequence(session, changes.Count);
            return [.. changes.Select((change, i) => Write(session, change.Record, change.Expected, first + i))];
        }, ct);
    }

    public Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        RecordChange.Check(scope, changes, IRecordStore.MaxChanges);
        return database.WriteAsync<ApplyOutcome>(session =>
        {
            // All conditions before the first write: then there is never anything to undo.
            foreach (var (i, change) in changes.Index())
            {
                if (Find(session, change.Record.Key) is var current && current?.ETag != change.Expected)
                {
                    return new ApplyOutcome.Conflict(i, current);
                }
            }

            var first = NextSequence(session, changes.Count);
            return new ApplyOutcome.Written([.. changes.Select((change, i) => Upsert(session, change.Record, first + i))]);
        }, ct);
    }

    public Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<StoredRecord>>(database.Read(session =>
            ids.Select(id => Find(session, new RecordKey(scope, collection, id))).OfType<StoredRecord>().ToList()));

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct)
    {
        if (SqliteRecordQuery.Create(query, Now) is not { } sql)
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
        SqliteRecordQuery.Create(query, Now) is { } sql
            ? database.Read(session => session.QueryFirst(sql.CountSql, static row => row.GetInt64(0), sql.CountParameters))
            : 0);

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct)
    {
        var start = after is null ? 0 : ReadPosition(after);

        var (count, bytes) = (0, 0L);
        var (rows, hasMore) = database.Read(session => session.QueryUntil(
            $"""
            SELECT {Columns} FROM records
            WHERE scope = $scope AND sequence > $after AND substr(collection, 1, 1) <> $internal AND {NotExpired}
            ORDER BY sequence
            """,
            row => ReadRow(row, scope),
            record => ++count >= limit.Records | (bytes += record.Fields.Utf8.Length) >= limit.Bytes,
            ("$scope", scope.Value),
            ("$after", start),
            ("$internal", InternalPrefix),
            ("$now", Now)));
        return Task.FromResult(new ChangePage(rows, rows is [.., var last] ? PositionOf(last) : after, hasMore));
    }

    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) =>
        database.WriteAsync(session => session.Execute(
            """
            DELETE FROM records WHERE rowid IN
                (SELECT rowid FROM records WHERE expires_at <= $now ORDER BY expires_at LIMIT $limit)
            """,
            ("$now", Now),
            ("$limit", limit)), ct);

    public Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct) =>
        database.WriteAsync(session => session.Execute(
            """
            DELETE FROM records WHERE rowid IN
                (SELECT rowid FROM records WHERE scope = $scope ORDER BY sequence LIMIT $limit)
            """,
            ("$scope", scope.Value),
            ("$limit", (long)limit)), ct);

    public Task CheckAsync(CancellationToken ct) =>
        database.WriteAsync(static session => session.Scalar(SelectSequence), ct);

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
                rows.AddRange(session.Query(part, row => ReadPlacedRow(row, query.Sort.Count), sql.PageParameters(missing)));
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

    private static (StoredRecord Record, RecordPosition Place) ReadPlacedRow(SqliteRow row, int keys)
    {
        var record = ReadRow(row);
        var values = new object?[keys];
        for (var i = 0; i < keys; i++)
        {
            values[i] = row.GetValue(ColumnCount + i);
        }

        return (record, new RecordPosition(values, record.Key.Id));
    }

    private StoredRecord? Find(SqliteSession session, RecordKey key) => session.QueryFirst(
        SelectOne,
        ReadRow,
        ("$scope", key.Scope.Value),
        ("$collection", key.Collection),
        ("$id", key.Id.Value),
        ("$now", Now));

    private string PositionOf(StoredRecord record) => $"{_epoch.Value}-{record.ETag.Value}";

    /// <summary>
    /// A position beyond the last write stems from writes that this file has lost: it was restored from a copy.
    /// </summary>
    private long ReadPosition(string position)
    {
        if (position.Split('-') is [var epoch, var text]
            && epoch == _epoch.Value
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && sequence <= database.Read(static session => (long?)session.Scalar(SelectSequence)))
        {
            return sequence;
        }

        throw new ArgumentException($"'{position}' is no position of this store", nameof(position));
    }

    /// <summary>The first of some numbers that are nobody else's. One that is not used is missing, which harms nothing.</summary>
    private static long NextSequence(SqliteSession session, int count = 1)
    {
        // Two statements: for RETURNING, SQLite makes and drops a table of its own each time.
        session.Execute("UPDATE sequences SET value = value + $count WHERE name = 'records'", ("$count", count));
        return (long)session.Scalar(SelectSequence)! - count + 1; // the row was created with the table
    }

    /// <summary>Writes under a condition that the statement itself checks; what there is instead is looked up only when it does not hold.</summary>
    private WriteOutcome Write(SqliteSession session, StoredRecord record, ETag? expected, long sequence)
    {
        var isWritten = expected is null
            ? Execute(session, $"{Insert} ON CONFLICT (scope, collection, id) DO NOTHING", record, sequence) == 1
            : long.TryParse(expected.Value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                && Execute(session, Update, record, sequence, version, Now) == 1;
        if (isWritten)
        {
            return new WriteOutcome.Written(record with { ETag = ToETag(sequence) });
        }

        var current = Find(session, record.Key);
        return current is null && expected is null
            ? new WriteOutcome.Written(Upsert(session, record, sequence)) // what holds the key has expired
            : new WriteOutcome.Conflict(current);
    }

    private static StoredRecord Upsert(SqliteSession session, StoredRecord record, long sequence)
    {
        Execute(session, $"{Insert} ON CONFLICT (scope, collection, id) DO UPDATE SET {Assignments}", record, sequence);
        return record with { ETag = ToETag(sequence) };
    }

    private static int Execute(
        SqliteSession session, string sql, StoredRecord record, long sequence, long expected = 0, long now = 0) => session.Execute(
        sql,
        ("$scope", record.Key.Scope.Value),
        ("$collection", record.Key.Collection),
        ("$id", record.Key.Id.Value),
        ("$sequence", sequence),
        ("$owner", record.Owner),
        ("$created", record.CreatedAt.ToUnixTimeMilliseconds()),
        ("$updated", record.UpdatedAt.ToUnixTimeMilliseconds()),
        ("$deleted", record.Deleted ? 1L : 0L),
        ("$fields", new Utf8Text(record.Fields.Utf8)),
        ("$expires", record.ExpiresAt?.ToUnixTimeMilliseconds()),
        ("$merge", record.MergeState),
        ("$expected", expected),
        ("$now", now));

    private static StoredRecord ReadRow(SqliteRow row) => ReadRow(
        row,
        Scope.TryParseStored(row.GetString(0), out var scope)
            ? scope
            : throw new InvalidDataException($"The database has a scope {row.GetString(0)}"));

    /// <param name="row">The row.</param>
    /// <param name="scope">Its scope, where the query has asked for just that one.</param>
    private static StoredRecord ReadRow(SqliteRow row, Scope scope)
    {
        if (!RecordId.TryParse(row.GetString(2), out var id))
        {
            throw new InvalidDataException($"The database has a record at {scope}/{row.GetString(2)}");
        }

        return new StoredRecord
        {
            Key = new RecordKey(scope, row.GetString(1), id),
            ETag = ToETag(row.GetInt64(3)),
            Owner = row.GetString(4),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            Deleted = row.GetInt64(7) != 0,
            Fields = new RecordFields(row.GetBytes(8)),
            ExpiresAt = row.IsDBNull(9) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
            MergeState = row.IsDBNull(10) ? (ReadOnlyMemory<byte>?)null : row.GetBytes(10),
        };
    }

    internal static ETag ToETag(long sequence) => new(sequence.ToString(CultureInfo.InvariantCulture));
}
