using System.Text.Json;
using Backend;
using Backend.Model;
using Backend.Model.History;
using Backend.Records;
using Backend.Security;
using Functions.Tests.Fixtures;
using Local.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Records;

/// <summary>The product's use cases over SQLite without a server, at a time and with a store that a test controls.</summary>
internal sealed class RecordFeatures : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly ServiceProvider _services;

    public RecordFeatures(TimeProvider time, Func<IRecordStore, IRecordStore>? decorate = null, params (string Key, string Value)[] settings)
    {
        _database = new SqliteDatabase(_folder.File("backend.db"));
        Store = new SqliteRecordStore(_database, time);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("Signing:Keys:0", Convert.ToBase64String(new byte[32])),
                .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
            ])
            .Build();
        var model = ModelLoader.Load(RepositoryFiles.Model);
        var history = new ModelHistory();
        history.Establish(ShapeChange.Apply(null, model, ModelView.HashOf(model), new HashSet<string>()), model);
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(time)
            .AddLogging()
            .AddBackend(model)
            .AddSingleton(history)
            .AddSingleton(decorate?.Invoke(Store) ?? Store)
            .BuildServiceProvider();
    }

    public IRecordStore Store { get; }

    public static Caller Alice { get; } = new("alice");

    /// <summary>What is in the database, expired or not.</summary>
    public long? CountRecords() => _database.Read(static session => (long?)session.Scalar("SELECT count(*) FROM records"));

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static CreateRequest NewNote(string json = """{"title":"a"}""") => new("notes", JsonElement.Parse(json), null, null);

    public static RecordAddress Note(string id) => new("notes", id, null, ETagCondition.Parse(default));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
