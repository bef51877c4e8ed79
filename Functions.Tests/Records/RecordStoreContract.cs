using System.Text;
using System.Text.Json;
using Backend.Records;

namespace Functions.Tests.Records;

/// <summary>
/// What every <see cref="IRecordStore"/> promises. Each test works in scopes of its own, so that a store may be shared
/// by all tests and keep what earlier runs wrote.
/// </summary>
public abstract partial class RecordStoreContract
{
    private protected static readonly DateTimeOffset Noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(123);

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A store; within one test, every call is another instance over the same data.</summary>
    protected abstract Task<IRecordStore> CreateStoreAsync(TimeProvider time);

    private protected Task<IRecordStore> CreateStoreAsync() => CreateStoreAsync(TimeProvider.System);

    [Fact]
    public async Task A_record_that_was_never_written_is_not_found()
    {
        var store = await CreateStoreAsync();

        Assert.Null(await store.FindAsync(NewKey(), Ct));
    }

    [Fact]
    public async Task A_created_record_is_read_back_whole()
    {
        var store = await CreateStoreAsync();
        var record = NewRecord(NewKey()) with { UpdatedAt = Noon.AddHours(1).ToOffset(TimeSpan.FromHours(2)) };

        var written = Written(await store.CreateAsync(record, Ct));
        var found = await store.FindAsync(record.Key, Ct);

        AssertSame(written, record with { ETag = written.ETag });
        AssertSame(written, found);
        Assert.NotEmpty(written.ETag.Value);
    }

    [Fact]
    public async Task What_is_written_by_one_instance_is_read_by_another()
    {
        var written = Written(await (await CreateStoreAsync()).CreateAsync(NewRecord(NewKey()), Ct));

        AssertSame(written, await (await CreateStoreAsync()).FindAsync(written.Key, Ct));
    }

    [Fact]
    public async Task Creating_over_a_record_is_a_conflict_that_carries_it()
    {
        var store = await CreateStoreAsync();
        var first = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));

        var second = await store.CreateAsync(NewRecord(first.Key, """{"title":"second"}"""), Ct);

        AssertSame(first, Conflict(second));
        AssertSame(first, await store.FindAsync(first.Key, Ct));
    }

    [Fact]
    public async Task Creating_over_a_tombstone_is_a_conflict_that_carries_it()
    {
        var store = await CreateStoreAsync();
        var first = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));
        var tombstone = Written(await store.ReplaceAsync(first with { Deleted = true }, first.ETag, Ct));

        var current = Conflict(await store.CreateAsync(NewRecord(first.Key), Ct));

        Assert.True(current?.Deleted);
        AssertSame(tombstone, current);
    }

    [Fact]
    public async Task A_caller_does_not_choose_the_ETag()
    {
        var store = await CreateStoreAsync();
        var chosen = new ETag("mine");

        var created = Written(await store.CreateAsync(NewRecord(NewKey()) with { ETag = chosen }, Ct));
        var replaced = Written(await store.ReplaceAsync(created with { ETag = chosen }, created.ETag, Ct));

        Assert.NotEqual(chosen, created.ETag);
        Assert.NotEqual(chosen, replaced.ETag);
        Assert.Equal(replaced.ETag, (await store.FindAsync(created.Key, Ct))?.ETag);
    }

    [Fact]
    public async Task Replacing_the_current_version_writes_a_new_one()
    {
        var store = await CreateStoreAsync();
        var first = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));

        var second = Written(await store.ReplaceAsync(first with { Fields = Json("""{"title":"second"}""") }, first.ETag, Ct));

        Assert.NotEqual(first.ETag, second.ETag);
        AssertSame(second, await store.FindAsync(first.Key, Ct));
    }

    [Fact]
    public async Task Replacing_an_old_version_is_a_conflict_that_carries_the_current_one()
    {
        var store = await CreateStoreAsync();
        var first = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));
        var second = Written(await store.ReplaceAsync(first with { Fields = Json("""{"title":"second"}""") }, first.ETag, Ct));

        var late = await store.ReplaceAsync(first with { Fields = Json("""{"title":"late"}""") }, first.ETag, Ct);

        AssertSame(second, Conflict(late));
        AssertSame(second, await store.FindAsync(first.Key, Ct));
    }

    [Fact]
    public async Task Replacing_what_never_existed_is_a_conflict_with_nothing()
    {
        var store = await CreateStoreAsync();
        var known = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));
        var unknown = NewRecord(NewKey());

        Assert.Null(Conflict(await store.ReplaceAsync(unknown, known.ETag, Ct)));
        Assert.Null(await store.FindAsync(unknown.Key, Ct));
    }

    [Fact]
    public async Task A_deleted_record_is_a_tombstone_that_can_come_back_to_life()
    {
        var store = await CreateStoreAsync();
        var alive = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));

        var dead = Written(await store.ReplaceAsync(
            alive with { Deleted = true, Fields = RecordFields.Empty }, alive.ETag, Ct));
        AssertSame(dead, await store.FindAsync(alive.Key, Ct));

        var reborn = Written(await store.ReplaceAsync(alive, dead.ETag, Ct));
        AssertSame(reborn, await store.FindAsync(alive.Key, Ct));
        Assert.False(reborn.Deleted);
    }

    [Fact]
    public async Task The_same_id_in_another_collection_or_scope_is_another_record()
    {
        var store = await CreateStoreAsync();
        var key = NewKey();
        RecordKey[] keys = [key, key with { Collection = "comments" }, key with { Scope = NewScope() }];
        foreach (var (index, each) in keys.Index())
        {
            Written(await store.CreateAsync(NewRecord(each, $$"""{"n":{{index}}}"""), Ct));
        }

        foreach (var (index, each) in keys.Index())
        {
            Assert.Equal(index, (await store.FindAsync(each, Ct))?.Fields.Element.GetProperty("n").GetInt32());
        }
    }

    [Fact]
    public async Task No_two_versions_share_an_ETag_even_with_the_same_content()
    {
        var store = await CreateStoreAsync();
        var record = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));
        var seen = new HashSet<ETag> { record.ETag };
        for (var i = 0; i < 20; i++)
        {
            record = Written(await store.ReplaceAsync(record, record.ETag, Ct));
            Assert.True(seen.Add(record.ETag));
        }
    }

    [Fact]
    public async Task Of_many_creators_of_one_record_exactly_one_wins()
    {
        var store = await CreateStoreAsync();
        var key = NewKey();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(n =>
            Task.Run(() => store.CreateAsync(NewRecord(key, $$"""{"n":{{n}}}"""), Ct), Ct)));

        var winner = Assert.Single(outcomes.OfType<WriteOutcome.Written>()).Record;
        Assert.All(outcomes.OfType<WriteOutcome.Conflict>(), lost => AssertSame(winner, lost.Current));
        AssertSame(winner, await store.FindAsync(key, Ct));
    }

    [Fact]
    public async Task Of_many_writers_of_one_version_exactly_one_wins_each_round()
    {
        var store = await CreateStoreAsync();
        var current = Written(await store.CreateAsync(NewRecord(NewKey()), Ct));
        for (var round = 0; round < 10; round++)
        {
            var expected = current.ETag;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(
                () => store.ReplaceAsync(NewRecord(current.Key, $$"""{"n":{{n}}}"""), expected, Ct), Ct)));

            current = Assert.Single(outcomes.OfType<WriteOutcome.Written>()).Record;
            Assert.All(outcomes.OfType<WriteOutcome.Conflict>(), lost => AssertSame(current, lost.Current));
            AssertSame(current, await store.FindAsync(current.Key, Ct));
        }
    }

    [Fact]
    public async Task A_store_that_works_passes_its_check()
    {
        var store = await CreateStoreAsync();

        await store.CheckAsync(Ct);
        await store.CheckAsync(Ct);
    }

    private protected static Scope NewScope() => Scope.ForUser($"u{Guid.NewGuid():N}");

    private protected static RecordKey NewKey(Scope? scope = null) =>
        new(scope ?? NewScope(), "notes", RecordId.New(TimeProvider.System.GetUtcNow()));

    private protected static RecordFields Json(string json) => new(Encoding.UTF8.GetBytes(json));

    private protected static StoredRecord NewRecord(RecordKey key, string fields = """{"title":"first"}""") => new()
    {
        Key = key,
        Owner = "auth0|ünï",
        CreatedAt = Noon,
        UpdatedAt = Noon,
        Fields = Json(fields),
    };

    private protected static StoredRecord Written(WriteOutcome outcome) =>
        Assert.IsType<WriteOutcome.Written>(outcome).Record;

    private static StoredRecord? Conflict(WriteOutcome outcome) =>
        Assert.IsType<WriteOutcome.Conflict>(outcome).Current;

    private static void AssertSame(StoredRecord expected, StoredRecord? actual)
    {
        Assert.NotNull(actual);
        AssertSameFields(expected.Fields, actual.Fields);
        Assert.Equal(expected, actual with { Fields = expected.Fields });
    }

    private static void AssertSameFields(RecordFields expected, RecordFields? actual)
    {
        Assert.NotNull(actual);
        Assert.True(
            JsonElement.DeepEquals(expected.Element, actual.Element), $"{expected.Element} became {actual.Element}");
    }
}
