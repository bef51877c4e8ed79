using Backend.Records;
using Backend.Sync;
using Backend.Sync.Pull;
using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Records;

public sealed class RetentionTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_record_can_be_restored_until_its_retention_ends()
    {
        await using var features = new RecordFeatures(_time);
        var (early, late) = (await CreateAsync(features), await CreateAsync(features));
        await ChangeAsync(features, early, new RecordEdit.Delete());
        await ChangeAsync(features, late, new RecordEdit.Delete());

        _time.Advance(TimeSpan.FromDays(30));
        Assert.IsType<RecordOutcome.Done>(await ChangeAsync(features, early, new RecordEdit.Restore()));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await features.Get<PurgeExpired>().ExecuteAsync(Ct));

        Assert.IsType<RecordOutcome.NotFound>(await ChangeAsync(features, late, new RecordEdit.Restore()));
        Assert.IsType<RecordOutcome.Done>(await features.Get<ReadRecord>().ExecuteAsync(RecordFeatures.Alice, "notes", early, new ReadRequest(), Ct));
    }

    [Fact]
    public async Task A_purge_goes_on_in_chunks_until_nothing_is_left()
    {
        await using var features = new RecordFeatures(_time, null, ("Retention:PurgeBatchSize", "3"));
        for (var i = 0; i < 10; i++)
        {
            await ChangeAsync(features, await CreateAsync(features), new RecordEdit.Delete());
        }

        var kept = await CreateAsync(features);
        _time.Advance(TimeSpan.FromDays(32));

        Assert.Equal(10, await features.Get<PurgeExpired>().ExecuteAsync(Ct));
        Assert.Equal(0, await features.Get<PurgeExpired>().ExecuteAsync(Ct));
        Assert.Equal(kept, Assert.Single((await features.Store.ReadChangesAsync(Scope.ForUser("alice"), null, 10, Ct)).Records).Key.Id.Value);
    }

    [Fact]
    public async Task The_host_purges_when_it_starts_and_at_intervals()
    {
        await using var features = new RecordFeatures(_time);
        var (first, second) = (await CreateAsync(features), await CreateAsync(features));
        await ChangeAsync(features, first, new RecordEdit.Delete());
        _time.Advance(TimeSpan.FromDays(32) - TimeSpan.FromMinutes(60));
        using var timer = new PurgeTimer(
            features.Get<PurgeExpired>(), Options.Create(new RetentionOptions()), _time, NullLogger<PurgeTimer>.Instance);

        await timer.StartAsync(Ct);
        await Eventually.TrueAsync(() => Task.FromResult(features.CountRecords() == 1));
        await ChangeAsync(features, second, new RecordEdit.Delete());
        _time.Advance(TimeSpan.FromDays(32));
        await Eventually.TrueAsync(() => Task.FromResult(features.CountRecords() == 0));

        await timer.StopAsync(Ct);
    }

    [Fact]
    public async Task A_cursor_is_good_for_the_retention_and_answers_resync_from_then_on()
    {
        await using var features = new RecordFeatures(_time);
        var note = await CreateAsync(features);
        var cursor = (await PullAsync(features, null)).Cursor;
        await ChangeAsync(features, note, new RecordEdit.Delete());

        _time.Advance(TimeSpan.FromDays(30));
        await features.Get<PurgeExpired>().ExecuteAsync(Ct);
        var intime = await PullAsync(features, cursor);
        _time.Advance(TimeSpan.FromSeconds(1));
        var late = await PullAsync(features, cursor);

        Assert.Equal((false, note), (intime.NeedsResync, Assert.Single(intime.Removed).Key.Id.Value));
        Assert.Equal((true, true), (late.NeedsResync, late.HasMore));
        Assert.Null(late.Cursor);
        Assert.Empty(late.Removed);
        Assert.False((await PullAsync(features, intime.Cursor)).NeedsResync);
    }

    [Fact]
    public async Task A_pull_renews_its_cursor_only_when_it_has_seen_everything()
    {
        await using var features = new RecordFeatures(_time);
        var notes = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            notes.Add(await CreateAsync(features));
        }

        var start = (await PullAsync(features, null)).Cursor;
        foreach (var note in notes)
        {
            await ChangeAsync(features, note, new RecordEdit.Delete());
        }

        _time.Advance(TimeSpan.FromDays(20));
        var half = await PullAsync(features, start, limit: 2);
        Assert.True(half.HasMore);
        _time.Advance(TimeSpan.FromDays(12)); // the other two tombstones are gone by now
        await features.Get<PurgeExpired>().ExecuteAsync(Ct);

        Assert.True((await PullAsync(features, half.Cursor)).NeedsResync);
    }

    [Fact]
    public async Task A_cursor_of_another_database_answers_resync()
    {
        await using var before = new RecordFeatures(_time);
        await using var after = new RecordFeatures(_time);
        await CreateAsync(before);
        await CreateAsync(after);

        Assert.True((await PullAsync(after, (await PullAsync(before, null)).Cursor)).NeedsResync);
    }

    [Theory]
    [InlineData(29, 29, 30, false)]
    [InlineData(31, 60, 30, true)] // the retention was lowered since
    [InlineData(31, 30, 60, true)] // raised since: tombstones of then are gone
    [InlineData(31, 60, 60, false)]
    public void A_cursor_is_outdated_by_the_shorter_retention_of_then_and_now(int age, int then, int now, bool outdated)
    {
        var cursor = new SyncCursor("", _time.GetUtcNow(), then, 1, "", IsFirst: false);

        Assert.Equal(outdated, cursor.IsOutdated(_time.GetUtcNow().AddDays(age), now));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(29, false)]
    public void A_collection_keeps_tombstones_no_shorter_than_the_setting(int days, bool valid)
    {
        var model = Backend.Model.ModelLoader.Load(RepositoryFiles.Model);
        var notes = model.Collections["notes"] with { RetentionDays = days };
        var changed = model with { Collections = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary([KeyValuePair.Create("notes", notes)]) };

        var result = new RetentionValidator(changed).Validate(null, new RecordOptions());

        Assert.Equal(valid, result.Succeeded);
        Assert.Equal(valid, result.FailureMessage?.Contains("notes.json $.retention", StringComparison.Ordinal) is not true);
    }

    [Fact]
    public async Task A_record_larger_than_the_limit_is_refused_and_can_be_deleted_all_the_same()
    {
        await using var features = new RecordFeatures(_time, null, ("Records:MaxRecordBytes", "1024"));
        var body = new string('x', 1000);
        var create = features.Get<CreateRecord>();
        var large = await create.ExecuteAsync(RecordFeatures.Alice, RecordFeatures.NewNote($$"""{"title":"a","body":"{{body}}x"}"""), Ct);
        var fits = await create.ExecuteAsync(RecordFeatures.Alice, RecordFeatures.NewNote($$"""{"title":"a","body":"{{body[..900]}}"}"""), Ct);

        Assert.Equal(1024, Assert.IsType<RecordOutcome.TooLarge>(large).Limit);
        var id = Assert.IsType<RecordOutcome.Created>(fits).Record.Key.Id.Value;
        var patch = System.Text.Json.JsonElement.Parse($$"""{"body":"{{body}}x"}""");
        Assert.IsType<RecordOutcome.TooLarge>(await ChangeAsync(features, id, new RecordEdit.Patch(patch)));
        Assert.IsType<RecordOutcome.Done>(await ChangeAsync(features, id, new RecordEdit.Delete()));
    }

    [Fact]
    public async Task A_batch_whose_records_are_too_large_together_writes_nothing()
    {
        await using var features = new RecordFeatures(_time, null, ("Records:MaxBatchBytes", "1024"));
        var fields = System.Text.Json.JsonElement.Parse($$"""{"title":"a","body":"{{new string('x', 600)}}"}""");
        var operation = new BatchOperation(BatchOperation.Create, "notes", Fields: fields);

        var outcome = await features.Get<ApplyBatch>().ExecuteAsync(
            RecordFeatures.Alice, new BatchRequest { Operations = [operation, operation] }, null, Ct);

        Assert.Equal(1024, Assert.IsType<BatchOutcome.TooLarge>(outcome).Limit);
        Assert.Empty((await features.Store.ReadChangesAsync(Scope.ForUser("alice"), null, 10, Ct)).Records);
    }

    private static async Task<string> CreateAsync(RecordFeatures features) =>
        Assert.IsType<RecordOutcome.Created>(
            await features.Get<CreateRecord>().ExecuteAsync(RecordFeatures.Alice, RecordFeatures.NewNote(), Ct)).Record.Key.Id.Value;

    private static Task<RecordOutcome> ChangeAsync(RecordFeatures features, string id, RecordEdit edit) =>
        features.Get<ChangeRecord>().ExecuteAsync(RecordFeatures.Alice, RecordFeatures.Note(id), edit, Ct);

    private static async Task<ScopeChanges> PullAsync(RecordFeatures features, string? cursor, int limit = 100) =>
        Assert.IsType<PullOutcome.Pulled>(
            await features.Get<PullChanges>().ExecuteAsync(
                RecordFeatures.Alice, new PullRequest("user/alice", cursor), limit, Ct)).Changes;
}
