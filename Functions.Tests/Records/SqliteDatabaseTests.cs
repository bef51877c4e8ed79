using Functions.Tests.Fixtures;
using Local.Sqlite;

namespace Functions.Tests.Records;

public sealed class SqliteDatabaseTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;

    public SqliteDatabaseTests() => _database = new SqliteDatabase(_folder.File("backend.db"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_that_throws_undoes_itself_and_nothing_else_of_its_group()
    {
        var works = Enumerable.Range(0, 200).Select(i => _database.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO blob_events (path) VALUES ($path)", ("$path", $"{i}"));
                return i % 10 == 3 ? throw new InvalidOperationException($"{i}") : i;
            },
            Ct)).ToList();

        for (var i = 0; i < works.Count; i++)
        {
            if (i % 10 == 3)
            {
                Assert.Equal($"{i}", (await Assert.ThrowsAsync<InvalidOperationException>(() => works[i])).Message);
            }
            else
            {
                Assert.Equal(i, await works[i]);
            }
        }

        var kept = _database.Read(static session => session.Query(
            "SELECT path FROM blob_events ORDER BY CAST(path AS INTEGER)", static row => row.GetString(0)));
        Assert.Equal(Enumerable.Range(0, 200).Where(i => i % 10 != 3).Select(i => $"{i}"), kept);
    }

    [Fact]
    public async Task What_was_answered_as_written_is_there_for_another_connection()
    {
        await _database.WriteAsync(static session => session.Execute("INSERT INTO blob_events (path) VALUES ('a')"), Ct);

        await using var other = new SqliteDatabase(_folder.File("backend.db"));

        Assert.Equal(1L, other.Read(static session => session.Scalar("SELECT COUNT(*) FROM blob_events")));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
