using Microsoft.Data.Sqlite;

namespace Local.Sqlite;

/// <summary>
/// The schema as a list of steps, each applied once, in order, in one transaction. A step that has shipped never
/// changes; the next change is a new step at the end.
/// </summary>
internal static class SqliteMigrations
{
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE records (
            scope      TEXT NOT NULL,
            collection TEXT NOT NULL,
            id         TEXT NOT NULL,
            sequence   INTEGER NOT NULL,   -- of the last write, from the table below; also the ETag
            owner      TEXT NOT NULL,
            created_at INTEGER NOT NULL,   -- milliseconds since 1970-01-01 UTC, like every time here
            updated_at INTEGER NOT NULL,
            deleted    INTEGER NOT NULL,
            fields     BLOB NOT NULL,      -- JSON in UTF-8
            PRIMARY KEY (scope, collection, id)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX records_by_sequence ON records (scope, sequence);

        CREATE TABLE sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO sequences (name, value) VALUES ('records', 0);
        """,
        """
        CREATE TABLE blobs (
            name          TEXT PRIMARY KEY,     -- container/path
            file          TEXT NOT NULL,        -- below the data folder; a new file for every write
            etag          TEXT NOT NULL,
            length        INTEGER NOT NULL,
            content_type  TEXT NOT NULL,
            last_modified INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX blobs_by_file ON blobs (file);

        CREATE TABLE blob_events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            path     TEXT NOT NULL         -- within the uploads container
        );
        """,
    ];

    public static void Apply(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        command.CommandText = "PRAGMA user_version";
        var version = (int)(long)command.ExecuteScalar()!; // this pragma always answers one integer
        if (version > Steps.Length)
        {
            throw new InvalidDataException(
                $"the database is of version {version}, this program knows {Steps.Length}; run the newer program");
        }

        for (; version < Steps.Length; version++)
        {
            command.CommandText = Steps[version];
            command.ExecuteNonQuery();
        }

        command.CommandText = $"PRAGMA user_version = {Steps.Length}; COMMIT";
        command.ExecuteNonQuery();
    }
}
