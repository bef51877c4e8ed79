using Backend.Records;
using Functions.Tests.Fixtures;
using Local.Sqlite;

namespace Functions.Tests.Records;

public sealed class SqliteRecordStoreTests : RecordStoreContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<SqliteDatabase> _databases = [];

    /// <summary>Another instance is another set of connections to the same file.</summary>
    protected override Task<IRecordStore> CreateStoreAsync()
    {
        var database = new SqliteDatabase(_folder.File("backend.db"), Model);
        _databases.Add(database);
        return Task.FromResult<IRecordStore>(new SqliteRecordStore(database));
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
