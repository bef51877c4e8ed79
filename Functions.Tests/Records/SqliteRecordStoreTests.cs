using Backend.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;
using Local.Sqlite;

namespace Functions.Tests.Records;

public sealed class SqliteRecordStoreTests : RecordStoreContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<SqliteDatabase> _databases = [];

    /// <summary>Another instance is another set of connections to the same file.</summary>
    protected override Task<IRecordStore> CreateStoreAsync(TimeProvider time)
    {
        var database = new SqliteDatabase(_folder.File("backend.db"), Model);
        _databases.Add(database);
        return Task.FromResult<IRecordStore>(new SqliteRecordStore(database, time));
    }

    [Fact]
    public async Task Purging_takes_the_longest_expired_first_and_tells_when_none_is_left()
    {
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        var store = await CreateStoreAsync(time);
        for (var i = 5; i > 0; i--)
        {
            await store.CreateAsync(NewRecord(NewKey()) with { ExpiresAt = time.GetUtcNow().AddMinutes(i) }, Ct);
        }

        await store.CreateAsync(NewRecord(NewKey()), Ct);
        time.Advance(TimeSpan.FromMinutes(4));

        Assert.Equal(3, await store.PurgeExpiredAsync(3, Ct));
        Assert.Equal(1, await store.PurgeExpiredAsync(3, Ct));
        Assert.Equal(2L, _databases[0].Read(session => session.Scalar("SELECT count(*) FROM records")));
    }

    [Fact]
    public async Task Purging_finds_what_has_expired_by_an_index()
    {
        await CreateStoreAsync();

        var plan = _databases[0].Read(session => session.Query(
            "EXPLAIN QUERY PLAN SELECT rowid FROM records WHERE expires_at <= 1 ORDER BY expires_at LIMIT 1",
            row => row.GetString(3)));

        Assert.Equal("SEARCH records USING COVERING INDEX records_by_expiry (expires_at<?)", Assert.Single(plan));
    }

    [Fact]
    public async Task A_position_behind_the_last_write_of_a_restored_copy_is_refused()
    {
        var scope = NewScope();
        var store = await CreateStoreAsync();
        await CreateAsync(store, scope, 1);
        _databases[0].Read(session => session.Execute("VACUUM INTO $file", ("$file", _folder.File("copy.db"))));
        var kept = (await store.ReadChangesAsync(scope, null, 10, Ct)).Position;
        await CreateAsync(store, scope, 1);
        var lost = (await store.ReadChangesAsync(scope, null, 10, Ct)).Position;

        await using var copy = new SqliteDatabase(_folder.File("copy.db"));
        var restored = new SqliteRecordStore(copy, TimeProvider.System);

        Assert.Empty((await restored.ReadChangesAsync(scope, kept, 10, Ct)).Records);
        await Assert.ThrowsAsync<ArgumentException>(() => restored.ReadChangesAsync(scope, lost, 10, Ct));
    }

    [Fact]
    public async Task A_position_of_another_database_is_refused()
    {
        var scope = NewScope();
        var store = await CreateStoreAsync();
        await CreateAsync(store, scope, 1);
        var position = (await store.ReadChangesAsync(scope, null, 10, Ct)).Position;

        await using var database = new SqliteDatabase(_folder.File("other.db"));
        var other = new SqliteRecordStore(database, TimeProvider.System);
        await CreateAsync(other, scope, 2);

        await Assert.ThrowsAsync<ArgumentException>(() => other.ReadChangesAsync(scope, position, 10, Ct));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }

        _folder.Dispose();
    }
}
