using System.Text.Json;
using Backend.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;

namespace Functions.Tests.Records;

/// <summary>Requests with a key whose server dies, at every point at which it can.</summary>
public sealed class IdempotencyTests
{
    private static readonly IdempotencyKey Key = IdempotencyKey.Create(RecordFeatures.Alice, "k", "POST /v1/data/notes");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Deaths =>
        new(from write in Enumerable.Range(0, 4) from happened in (bool[])[false, true] select (write, happened));

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_create_that_died_at_any_write_is_finished_once_by_the_next_attempt(int write, bool happened)
    {
        DyingStore? dying = null;
        await using var features = new RecordFeatures(TimeProvider.System, store => dying = new DyingStore(store, write, happened));
        var create = features.Get<CreateRecordOnce>();
        var attempts = new List<OnceOutcome>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                attempts.Add(await create.ExecuteAsync(RecordFeatures.Alice, RecordFeatures.NewNote(), Key, Ct));
            }
            catch (StoreUnavailableException)
            {
                Assert.Equal(0, attempt);
            }
        }

        var answers = attempts.Select(attempt => Assert.IsType<OnceOutcome.Answered>(attempt).Answer).ToList();
        var changes = await features.Store.ReadChangesAsync(Scope.ForUser("alice"), null, 10, Ct);
        var record = Assert.Single(changes.Records);
        Assert.All(answers, answer => Assert.Equal(record.Key.Id.Value, JsonElement.Parse(answer.Body.Span).GetProperty("id").GetString()));
        Assert.Equal(write < 3, dying?.HasDied); // a claim, the record, the answer: three writes
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_batch_that_died_at_any_write_is_finished_once_by_the_next_attempt(int write, bool happened)
    {
        await using var features = new RecordFeatures(TimeProvider.System, store => new DyingStore(store, write, happened));
        var id = RecordId.New(TimeProvider.System.GetUtcNow());
        var apply = features.Get<ApplyBatch>();
        var counter = new BatchRequest
        {
            Operations =
            [
                new BatchOperation(BatchOperation.Create, "notes", Fields: JsonElement.Parse("""{"title":"new"}""")),
                new BatchOperation(BatchOperation.Patch, "notes", "counted", JsonElement.Parse("""{"likes":{"$increment":1}}""")),
            ],
        };
        await features.Store.CreateAsync(Counted, Ct);
        var bodies = new List<string>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                var done = Assert.IsType<BatchOutcome.Done>(await apply.ExecuteAsync(RecordFeatures.Alice, counter, Key, Ct));
                bodies.Add(JsonElement.Parse(done.Answer.Body.Span).GetRawText());
            }
            catch (StoreUnavailableException)
            {
                Assert.Equal(0, attempt);
            }
        }

        Assert.Single(bodies.Distinct());
        var changes = await features.Store.ReadChangesAsync(Scope.ForUser("alice"), null, 10, Ct);
        Assert.Equal(2, changes.Records.Count);
        Assert.Equal(1, (await features.Store.FindAsync(Counted.Key, Ct))?.Fields.Element.GetProperty("likes").GetInt64());
    }

    [Fact]
    public async Task A_key_is_as_good_as_new_once_its_answer_has_expired()
    {
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        await using var features = new RecordFeatures(time);
        var create = features.Get<CreateRecordOnce>();
        var first = await CreateAsync(create);

        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        var replayed = await CreateAsync(create);
        time.Advance(TimeSpan.FromSeconds(1));
        var second = await CreateAsync(create);

        Assert.Equal((false, true, false), (first.IsReplay, replayed.IsReplay, second.IsReplay));
        Assert.True(first.Answer.Body.Span.SequenceEqual(replayed.Answer.Body.Span));
        Assert.NotEqual(first.Answer.Location, second.Answer.Location);
    }

    [Fact]
    public async Task The_claim_is_not_reached_by_the_data_api_nor_delivered_by_sync()
    {
        await using var features = new RecordFeatures(TimeProvider.System);
        await CreateAsync(features.Get<CreateRecordOnce>());

        var read = await features.Get<ReadRecord>().ExecuteAsync(
            RecordFeatures.Alice, IdempotencyClaims.Collection, Key.Claim.Value, new ReadRequest(), Ct);
        var changes = await features.Store.ReadChangesAsync(Scope.ForUser("alice"), null, 10, Ct);

        Assert.IsType<RecordOutcome.CollectionNotFound>(read);
        Assert.Equal("notes", Assert.Single(changes.Records).Key.Collection);
    }

    private static StoredRecord Counted => new()
    {
        Key = new RecordKey(Scope.ForUser("alice"), "notes", RecordId.TryParse("counted", out var id) ? id : default),
        Owner = "alice",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        Fields = new RecordFields("""{"title":"counted"}"""u8.ToArray()),
    };

    private static async Task<OnceOutcome.Answered> CreateAsync(CreateRecordOnce create) =>
        Assert.IsType<OnceOutcome.Answered>(await create.ExecuteAsync(RecordFeatures.Alice, RecordFeatures.NewNote(), Key, Ct));

    /// <summary>Fails one write: before it reaches the store, or after, when the answer is lost.</summary>
    private sealed class DyingStore(IRecordStore store, int write, bool happened) : StoreInFront(store)
    {
        private int _writes;

        public bool HasDied { get; private set; }

        protected override async Task<T> WriteAsync<T>(Func<Task<T>> send)
        {
            if (_writes++ != write)
            {
                return await send();
            }

            HasDied = true;
            if (happened)
            {
                await send();
            }

            throw new StoreUnavailableException("The server died.");
        }
    }
}
