using Backend.Model;
using Backend.Model.History;
using Backend.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Model;

public sealed class EstablishModelTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteRecordStore _store;

    public EstablishModelTests()
    {
        _database = new SqliteDatabase(_folder.File("backend.db"));
        _store = new SqliteRecordStore(_database, TimeProvider.System);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instances_that_start_at_once_agree()
    {
        var model = ModelLoader.Load(RepositoryFiles.Model);
        var histories = Enumerable.Range(0, 8).Select(_ => new ModelHistory()).ToList();

        await Task.WhenAll(histories.Select(history => Task.Run(() => Establish(_store, model, history).ExecuteAsync(Ct), Ct)));

        Assert.All(histories, history => Assert.Equal(1, history.Shape.Version));
        var stored = await _store.FindAsync(EstablishModel.Key, Ct);
        Assert.Equal(histories[0].Shape.ToUtf8(), stored?.Fields.Utf8.ToArray());
    }

    [Fact]
    public async Task The_start_waits_for_a_store_that_is_away_and_gives_up_in_the_end()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var store = new AwayStore(_store) { IsAway = true };
        var history = new ModelHistory();
        var start = Establish(store, ModelLoader.Load(RepositoryFiles.Model), history, time).ExecuteWhenReadyAsync(Ct);

        await AdvanceAsync(time, seconds: 5, start);
        Assert.False(start.IsCompleted);
        store.IsAway = false;
        await AdvanceAsync(time, seconds: 2, start);
        await start;
        Assert.Equal(1, history.Shape.Version);

        store.IsAway = true;
        start = Establish(store, ModelLoader.Load(RepositoryFiles.Model), history, time).ExecuteWhenReadyAsync(Ct);
        await AdvanceAsync(time, seconds: 40, start);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => start);
    }

    [Fact]
    public void Nobody_can_name_the_scope_of_the_product()
    {
        Assert.False(Scope.TryParse("system/model", out _));
        Assert.True(Scope.TryParseStored("system/model", out var scope));
        Assert.Equal(ScopeKind.System, scope.Kind);
    }

    [Theory]
    [InlineData("integer", "integer number counter json")]
    [InlineData("counter", "integer number counter json")]
    [InlineData("number", "number json")]
    [InlineData("string", "string json")]
    [InlineData("boolean", "boolean json")]
    [InlineData("timestamp", "timestamp string json")]
    [InlineData("reference", "reference string json")]
    [InlineData("media", "media string json")]
    [InlineData("set", "set json")]
    [InlineData("json", "json")]
    public void A_type_becomes_only_what_its_values_are(string from, string to)
    {
        var before = new FieldShape { Type = from, Since = 1, Collection = from == "reference" ? "notes" : null };

        var fitting = Enum.GetValues<FieldType>().Where(type => TypeChanges.Fit(before, new FieldModel
        {
            Name = "f", Type = type, Collection = type is FieldType.Reference ? "notes" : null,
        }));

        Assert.Equal(to.Split(' ').Order(), fitting.Select(FieldReader.NameOf).Order());
        Assert.Contains(
            $"| `{from}` | {string.Join(", ", to.Split(' ').Where(name => name != from).Select(name => $"`{name}`"))} |".Replace("|  |", "| nothing else |", StringComparison.Ordinal),
            File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "model.md")),
            StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private static EstablishModel Establish(IRecordStore store, AppModel model, ModelHistory history, TimeProvider? time = null) => new(
        store, model, history, Options.Create(new ModelChangeOptions()), time ?? TimeProvider.System, NullLogger<EstablishModel>.Instance);

    /// <summary>Second by second, each once the last one's work is done or waits for the clock again.</summary>
    private static async Task AdvanceAsync(ManualTime time, int seconds, Task work)
    {
        for (var i = 0; i < seconds && !work.IsCompleted; i++)
        {
            await Eventually.TrueAsync(() => Task.FromResult(work.IsCompleted || time.IsWaitedForUntil(time.GetUtcNow().AddSeconds(1))));
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>A store that can be out of reach.</summary>
    private sealed class AwayStore(IRecordStore inner) : StoreInFront(inner)
    {
        public bool IsAway { get; set; }

        protected override Task<T> ReadAsync<T>(Func<Task<T>> send) =>
            IsAway ? throw new StoreUnavailableException("away") : send();

        protected override Task<T> WriteAsync<T>(Func<Task<T>> send) => ReadAsync(send);
    }
}
