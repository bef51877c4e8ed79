using System.Collections.Frozen;
using System.Text;
using Backend.Media;
using Backend.Model;
using Backend.Records;
using Functions.Tests.Fixtures;
using Local.Sqlite;
using Microsoft.Data.Sqlite;

namespace Functions.Tests.Records;

/// <summary>A file of an earlier version, opened by this one.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_of_a_file_in_which_the_key_was_the_table_are_all_there()
    {
        WriteFile(
            """
            CREATE TABLE records (
                scope TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, owner TEXT NOT NULL,
                created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted INTEGER NOT NULL, fields BLOB NOT NULL,
                expires_at INTEGER, merge_state BLOB, PRIMARY KEY (scope, collection, id)) WITHOUT ROWID;
            CREATE UNIQUE INDEX records_by_sequence ON records (scope, sequence);
            CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
            CREATE INDEX records_in_order ON records (sequence);
            CREATE INDEX model_notes_0123456789abcdef ON records (scope, json_extract(fields, '$."title"'), id)
                WHERE collection = 'notes' AND deleted = 0;
            CREATE TABLE sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE store (epoch TEXT NOT NULL);
            INSERT INTO sequences VALUES ('records', 3);
            INSERT INTO store VALUES ('00112233aabbccdd');
            INSERT INTO records VALUES
                ('user/alice', 'notes', 'b', 1, 'alice', 5, 6, 0, CAST('{"title":"Ä \u0000 😀"}' AS BLOB), NULL, CAST('{"f":{}}' AS BLOB)),
                ('user/alice', 'notes', 'c', 2, 'alice', 7, 8, 1, CAST('{}' AS BLOB), 99999999999999, NULL),
                ('user/alice', 'notes', 'a', 3, 'bob', 9, 10, 0, CAST('{"title":"first"}' AS BLOB), NULL, NULL);
            PRAGMA user_version = 8;
            """);

        await using var database = new SqliteDatabase(_folder.File("backend.db"), new AppModel(
            FrozenDictionary<string, CollectionModel>.Empty, FrozenDictionary<string, RenditionSpec>.Empty));
        var store = new SqliteRecordStore(database, TimeProvider.System);
        var page = await store.ReadChangesAsync(Scope.ForUser("alice"), "00112233aabbccdd-1", 10, Ct);
        var all = await store.ReadChangesAsync(Scope.ForUser("alice"), null, 10, Ct);

        Assert.Equal(["c", "a"], page.Records.Select(record => record.Key.Id.Value));
        Assert.Equal(["b", "c", "a"], all.Records.Select(record => record.Key.Id.Value));
        var (b, c, a) = (all.Records[0], all.Records[1], all.Records[2]);
        Assert.Equal("""{"title":"Ä \u0000 😀"}""", Encoding.UTF8.GetString(b.Fields.Utf8.Span));
        Assert.Equal("""{"f":{}}""", Encoding.UTF8.GetString(b.MergeState!.Value.Span));
        Assert.Equal((5, 6), (b.CreatedAt.ToUnixTimeMilliseconds(), b.UpdatedAt.ToUnixTimeMilliseconds()));
        Assert.True(c is { Deleted: true, MergeState: null, ExpiresAt: not null });
        Assert.Equal(("bob", "3"), (a.Owner, a.ETag.Value));
        Assert.IsType<WriteOutcome.Written>(await store.ReplaceAsync(a with { Owner = "alice" }, a.ETag, Ct));
        Assert.IsType<WriteOutcome.Conflict>(await store.CreateAsync(b, Ct));
    }

    public void Dispose() => _folder.Dispose();

    private void WriteFile(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File("backend.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
