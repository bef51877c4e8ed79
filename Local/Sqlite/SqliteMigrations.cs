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

        CREATE TABLE blob_blocks (
            name       TEXT NOT NULL,           -- of the blob that they will be part of
            block_id   TEXT NOT NULL,
            file       TEXT NOT NULL,
            length     INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (name, block_id)
        ) WITHOUT ROWID;
        CREATE INDEX blob_blocks_by_file ON blob_blocks (file);

        CREATE TABLE blob_events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            path     TEXT NOT NULL         -- within the uploads container
        );
        """,
        """
        CREATE TABLE orchestration_instances (
            id         TEXT PRIMARY KEY,
            name       TEXT NOT NULL,
            state      INTEGER NOT NULL,     -- OrchestrationState
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            output     TEXT,
            error      TEXT
        ) WITHOUT ROWID;
        CREATE INDEX orchestration_instances_running ON orchestration_instances (created_at) WHERE state < 2;
        CREATE INDEX orchestration_instances_ended ON orchestration_instances (updated_at) WHERE state >= 2;

        -- All that happened to an instance. The key makes a second writer of the same step fail.
        CREATE TABLE orchestration_history (
            instance TEXT NOT NULL,
            sequence INTEGER NOT NULL,       -- 1, 2, 3, ... without gaps
            kind     INTEGER NOT NULL,       -- HistoryKind, and with it what the other columns hold
            task     INTEGER,
            name     TEXT,
            payload  TEXT,
            number   INTEGER,
            PRIMARY KEY (instance, sequence)
        ) WITHOUT ROWID;

        -- What arrived and no step has taken yet.
        CREATE TABLE orchestration_inbox (
            sequence INTEGER PRIMARY KEY,
            instance TEXT NOT NULL,
            kind     INTEGER NOT NULL,
            task     INTEGER,
            name     TEXT,
            payload  TEXT,
            number   INTEGER
        );
        CREATE INDEX orchestration_inbox_by_instance ON orchestration_inbox (instance);

        -- Activities without an outcome. AUTOINCREMENT: a number that was used names no other activity later.
        CREATE TABLE orchestration_activities (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            instance TEXT NOT NULL,
            task     INTEGER NOT NULL,
            name     TEXT NOT NULL,
            input    TEXT NOT NULL,
            attempt  INTEGER NOT NULL
        );

        CREATE TABLE orchestration_timers (
            instance TEXT NOT NULL,
            task     INTEGER NOT NULL,
            fire_at  INTEGER NOT NULL,
            PRIMARY KEY (instance, task)
        ) WITHOUT ROWID;
        CREATE INDEX orchestration_timers_by_time ON orchestration_timers (fire_at);
        """,
        """
        ALTER TABLE records ADD COLUMN expires_at INTEGER;  -- null: never
        UPDATE records SET expires_at = updated_at + 31 * 86400000 WHERE deleted = 1;
        CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;

        -- Names this database in positions, so that those of another one are refused.
        CREATE TABLE store (epoch TEXT NOT NULL);
        INSERT INTO store (epoch) VALUES (lower(hex(randomblob(8))));
        """,
        """
        -- An instance is run again by continue-as-new, replacement and rerun: what earlier runs left is told by the number.
        ALTER TABLE orchestration_instances ADD COLUMN run INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE orchestration_instances ADD COLUMN input TEXT;         -- null: started before this column was there
        ALTER TABLE orchestration_instances ADD COLUMN custom_status TEXT;
        ALTER TABLE orchestration_instances ADD COLUMN parent TEXT;        -- null: nobody waits for its end
        ALTER TABLE orchestration_instances ADD COLUMN parent_run INTEGER;
        ALTER TABLE orchestration_instances ADD COLUMN parent_task INTEGER;
        CREATE INDEX orchestration_instances_by_parent ON orchestration_instances (parent) WHERE parent IS NOT NULL;
        CREATE INDEX orchestration_instances_by_creation ON orchestration_instances (created_at, id);

        ALTER TABLE orchestration_history ADD COLUMN detail TEXT;
        ALTER TABLE orchestration_inbox ADD COLUMN detail TEXT;
        ALTER TABLE orchestration_inbox ADD COLUMN run INTEGER;            -- null: for whichever run takes it
        ALTER TABLE orchestration_activities ADD COLUMN run INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE orchestration_activities ADD COLUMN timeout INTEGER;   -- milliseconds; null: the engine's own
        CREATE INDEX orchestration_activities_by_name ON orchestration_activities (name, sequence);

        -- Whose turn it is to run them, and a question to that engine whether it is still there.
        CREATE TABLE orchestration_engine (epoch INTEGER NOT NULL, challenge TEXT);
        INSERT INTO orchestration_engine (epoch) VALUES (0);

        -- How far those who follow the changes of records have come.
        CREATE TABLE change_positions (handler TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
        """,
        "ALTER TABLE records ADD COLUMN merge_state BLOB;  -- JSON; null: follows from the other columns",
        """
        -- An upload that could not be handed on is tried again later, after longer and longer waits.
        ALTER TABLE blob_events ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE blob_events ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;  -- milliseconds since 1970

        -- How far those who follow the changes of another store's records have come, in that store's words.
        CREATE TABLE feed_positions (feed TEXT, handler TEXT, position TEXT NOT NULL, PRIMARY KEY (feed, handler)) WITHOUT ROWID;
        """,
        """
        -- Upload URLs by which an upload has arrived, until they expire.
        CREATE TABLE used_upload_urls (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;

        -- Where uploads to Blob Storage can appear.
        CREATE TABLE upload_slots (
            path      TEXT PRIMARY KEY,    -- within the uploads container
            opened_at INTEGER NOT NULL,
            until     INTEGER NOT NULL,    -- when nothing can come any more
            etag      TEXT                 -- of the upload that was handed on last
        ) WITHOUT ROWID;
        """,
        """
        -- Records in the order in which they were made, found by the key: in the tree of the key itself a page holds six of them and
        -- a write dirties one for every record. Fields are text, since SQLite parses a text once for all indexes of a
        -- row, and a blob for each.
        ALTER TABLE records RENAME TO records_of_before;
        CREATE TABLE records (
            scope       TEXT NOT NULL,
            collection  TEXT NOT NULL,
            id          TEXT NOT NULL,
            sequence    INTEGER NOT NULL,   -- of the last write, from the table of sequences; also the ETag
            owner       TEXT NOT NULL,
            created_at  INTEGER NOT NULL,   -- milliseconds since 1970-01-01 UTC, like every time here
            updated_at  INTEGER NOT NULL,
            deleted     INTEGER NOT NULL,
            fields      TEXT NOT NULL,      -- JSON
            expires_at  INTEGER,            -- null: never
            merge_state BLOB,               -- JSON; null: follows from the other columns
            PRIMARY KEY (scope, collection, id)
        );
        INSERT INTO records (scope, collection, id, sequence, owner, created_at, updated_at, deleted, fields, expires_at, merge_state)
        SELECT scope, collection, id, sequence, owner, created_at, updated_at, deleted, CAST(fields AS TEXT), expires_at, merge_state
        FROM records_of_before ORDER BY sequence;
        DROP TABLE records_of_before;
        CREATE UNIQUE INDEX records_by_sequence ON records (scope, sequence);
        CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
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
