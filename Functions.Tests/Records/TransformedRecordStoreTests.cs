using Backend.Encryption;
using Backend.Model;
using Backend.Model.History;
using Backend.Records;
using Functions.Tests.Fixtures;
using Local.Hosting;
using Local.Sqlite;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Records;

/// <summary>A store keeps its promises behind what hides removed fields and encrypts others.</summary>
public sealed class TransformedRecordStoreTests : RecordStoreContract, IAsyncDisposable
{
    private readonly ModelFolder _model = new();
    private readonly TempFolder _folder = new();
    private readonly DataFolder _data;
    private readonly ModelHistory _history = new();
    private readonly List<SqliteDatabase> _databases = [];

    public TransformedRecordStoreTests()
    {
        _data = new DataFolder(_folder.Path);
        const string Encrypted = "\"text\":{\"type\":\"json\",\"encrypted\":true},\"deep\":{\"type\":\"json\",\"encrypted\":true}";
        var before = ModelLoader.Load(_model.With("notes", $"\"gone\":{{\"type\":\"string\"}},{Encrypted}").Path);
        var after = ModelLoader.Load(_model.With("notes", Encrypted).Path);
        var accepted = new HashSet<string>();
        _history.Establish(ShapeChange.Apply(ShapeChange.Apply(null, before, "1", accepted), after, "2", accepted), after);
    }

    protected override Task<IRecordStore> CreateStoreAsync(TimeProvider time)
    {
        var database = new SqliteDatabase(_data.Database);
        _databases.Add(database);
        var store = new SqliteRecordStore(database, time);
        var keys = new KeyRing(store, new FileKeyWrapper(_data), Options.Create(new EncryptionOptions()), time);
        return Task.FromResult<IRecordStore>(new RetainingRecordStore(new EncryptedRecordStore(store, _history, keys), _history));
    }

    [Fact]
    public async Task What_is_hidden_comes_back_from_no_method_and_stays_with_every_write()
    {
        var store = await CreateStoreAsync();
        var below = new SqliteRecordStore(_databases[0], TimeProvider.System);
        var key = NewKey();
        await below.CreateAsync(NewRecord(key, """{"n":1,"gone":"kept"}"""), Ct);

        var found = await store.FindAsync(key, Ct);
        Assert.Equal("""{"n":1}""", TextOf(found));
        var replaced = Written(await store.ReplaceAsync((found ?? NewRecord(key)) with { Fields = Json("""{"n":2}""") }, found?.ETag ?? default, Ct));
        Assert.Equal("""{"n":2}""", TextOf(replaced));
        var applied = await store.ApplyAsync(key.Scope, [new RecordChange(replaced with { Fields = Json("{}") }, replaced.ETag)], Ct);
        Assert.Equal("{}", TextOf(Assert.Single(Assert.IsType<ApplyOutcome.Written>(applied).Records)));
        Assert.Equal("""{"gone":"kept"}""", TextOf(await below.FindAsync(key, Ct)));
        var conflict = Assert.IsType<WriteOutcome.Conflict>(await store.ReplaceAsync(replaced, replaced.ETag, Ct));
        Assert.Equal("{}", TextOf(conflict.Current));
        Assert.Equal("{}", TextOf(Assert.Single((await store.ReadChangesAsync(key.Scope, null, 10, Ct)).Records)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }

        _data.Dispose();
        _folder.Dispose();
        _model.Dispose();
    }

    private static string TextOf(StoredRecord? record) => System.Text.Encoding.UTF8.GetString((record?.Fields.Utf8 ?? default).Span);
}
