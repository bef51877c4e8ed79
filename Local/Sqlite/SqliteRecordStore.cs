using System.Globalization;
using Backend.Records;
using Backend.Rules.Sql;

namespace Local.Sqlite;

/// <summary>
/// Records in SQLite. Every write takes the next number of one sequence inside its transaction; since transactions are
/// serial, the order of numbers is the order of commits, and "after number n" never skips a write that commits later.
/// </summary>
internal sealed class SqliteRecordStore(SqliteDatabase database, TimeProvider time) : IRecordStore
{
    private const string Columns = "scope, collection, id, sequence, owner, created_at, updated_at, deleted, fields, expires_at";

    private const string NotExpired = "(expires_at IS NULL OR expires_at > $now)";

    private const string SelectSequence = "SELECT value FROM sequences WHERE name = 'records'";

    private static readonly string InternalPrefix = IRecordStore.InternalPrefix.ToString();

    private static readonly SqliteDialect Dialect = new();

    private const string SelectOne =
        $"SELECT {Columns} FROM records WHERE scope = $scope AND collection = $collection AND id = $id AND {NotExpired}";

    private readonly Lazy<string> _epoch = new(() => database.Read(static session =>
        (string?)session.Scalar("SELECT epoch FROM store") ?? throw new InvalidDataException("The database has no epoch")));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

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

    public Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        RecordChange.Check(scope, changes);
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

            return new ApplyOutcome.Written([.. changes.Select(change => Write(session, change.Record))]);
        }, ct);
    }

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct)
    {
        var context = query.Context;
        var read = query.Read.ToPredicate(Dialect, in context);
        var filter = query.Filter?.ToPredicate(Dialect, in context);
        if (read.Constant is false || filter?.Constant is false)
        {
            return Task.FromResult(new RecordPage([], false));
        }

        var (comparison, order) = query.Descending ? ("<", "DESC") : (">", "ASC");
        // The primary key has this order, so a page costs what it reads, wherever it starts.
        var start = query.After is null ? "" : $"AND id {comparison} $after";
        var sql = $"""
            SELECT {Columns} FROM records
            WHERE scope = $scope AND collection = $collection {start} AND deleted = 0
                AND ({read.Sql}) AND ({filter?.Sql ?? "1"})
                AND {NotExpired}
            ORDER BY id {order} LIMIT $limit
            """;
        (string, object?)[] parameters =
        [
            ("$scope", query.Scope.Value),
            ("$collection", query.Collection),
            ("$after", query.After?.Value),
            ("$limit", query.Limit + 1L), // one more tells whether there is more
            ("$now", Now),
            .. read.Parameters.Concat(filter?.Parameters ?? []).Select(parameter => (parameter.Name, (object?)parameter.Value)),
        ];
        var rows = database.Read(session => session.Query(sql, ReadRow, parameters));
        return Task.FromResult(new RecordPage([.. rows.Take(query.Limit)], rows.Count > query.Limit));
    }

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, int limit, CancellationToken ct)
    {
        var start = after is null ? 0 : ReadPosition(after);

        // One more than asked for tells whether there is more.
        var rows = database.Read(session => session.Query(
            $"""
            SELECT {Columns} FROM records
            WHERE scope = $scope AND sequence > $after AND substr(collection, 1, 1) <> $internal AND {NotExpired}
            ORDER BY sequence LIMIT $limit
            """,
            ReadRow,
            ("$scope", scope.Value),
            ("$after", start),
            ("$internal", InternalPrefix),
            ("$limit", limit + 1L),
            ("$now", Now)));
        var hasMore = rows.Count > limit;
        if (hasMore)
        {
            rows.RemoveAt(limit);
        }

        return Task.FromResult(new ChangePage(rows, rows is [.., var last] ? PositionOf(last) : after, hasMore));
    }

    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) =>
        database.WriteAsync(session => session.Execute(
            """
            DELETE FROM records WHERE (scope, collection, id) IN (
                SELECT scope, collection, id FROM records WHERE expires_at <= $now ORDER BY expires_at LIMIT $limit)
            """,
            ("$now", Now),
            ("$limit", limit)), ct);

    public Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct) =>
        database.WriteAsync(session => session.Execute(
            """
            DELETE FROM records WHERE scope = $scope AND sequence IN
                (SELECT sequence FROM records WHERE scope = $scope ORDER BY sequence LIMIT $limit)
            """,
            ("$scope", scope.Value),
            ("$limit", (long)limit)), ct);

    public Task CheckAsync(CancellationToken ct) =>
        database.WriteAsync(static session => session.Scalar(SelectSequence), ct);

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

    private static StoredRecord Write(SqliteSession session, StoredRecord record)
    {
        var sequence = session.Scalar("UPDATE sequences SET value = value + 1 WHERE name = 'records' RETURNING value");
        session.Execute(
            $"""
            INSERT INTO records ({Columns})
            VALUES ($scope, $collection, $id, $sequence, $owner, $created, $updated, $deleted, $fields, $expires)
            ON CONFLICT (scope, collection, id) DO UPDATE SET
                sequence = excluded.sequence, owner = excluded.owner, created_at = excluded.created_at,
                updated_at = excluded.updated_at, deleted = excluded.deleted, fields = excluded.fields,
                expires_at = excluded.expires_at
            """,
            ("$scope", record.Key.Scope.Value),
            ("$collection", record.Key.Collection),
            ("$id", record.Key.Id.Value),
            ("$sequence", sequence),
            ("$owner", record.Owner),
            ("$created", record.CreatedAt.ToUnixTimeMilliseconds()),
            ("$updated", record.UpdatedAt.ToUnixTimeMilliseconds()),
            ("$deleted", record.Deleted ? 1L : 0L),
            ("$fields", record.Fields.Utf8),
            ("$expires", record.ExpiresAt?.ToUnixTimeMilliseconds()));
        return record with { ETag = ToETag((long)sequence!) }; // the row was created with the table
    }

    private static StoredRecord ReadRow(SqliteRow row)
    {
        if (!Scope.TryParseStored(row.GetString(0), out var scope) || !RecordId.TryParse(row.GetString(2), out var id))
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
            Fields = new RecordFields(row.GetBytes(8)),
            ExpiresAt = row.IsDBNull(9) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
        };
    }

    private static ETag ToETag(long sequence) => new(sequence.ToString(CultureInfo.InvariantCulture));
}
