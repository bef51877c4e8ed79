using System.Globalization;
using Backend.Records;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task A_scope_that_was_never_written_to_has_no_changes_and_no_position()
    {
        var store = await CreateStoreAsync();

        var page = await store.ReadChangesAsync(NewScope(), null, 10, Ct);

        Assert.Empty(page.Records);
        Assert.Null(page.Position);
        Assert.False(page.HasMore);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(100)]
    public async Task Pages_of_any_size_deliver_every_record_once_in_the_order_of_the_last_write(int limit)
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var records = await CreateAsync(store, scope, 12);
        for (var i = 8; i >= 0; i -= 4)
        {
            var again = Written(await store.ReplaceAsync(records[i], records[i].ETag, Ct));
            records.RemoveAt(i);
            records.Add(again);
        }

        var (read, _) = await ReadAllAsync(store, scope, null, limit);

        Assert.Equal(records.Select(r => r.Key), read.Select(r => r.Key));
        Assert.All(records.Zip(read), pair => AssertSame(pair.First, pair.Second));
    }

    [Fact]
    public async Task A_record_written_again_while_a_reader_pages_comes_again_later()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var records = await CreateAsync(store, scope, 4);
        var page = await store.ReadChangesAsync(scope, null, 2, Ct);
        Assert.True(page.HasMore);

        var delivered = Written(await store.ReplaceAsync(records[0], records[0].ETag, Ct));
        var waiting = Written(await store.ReplaceAsync(records[2], records[2].ETag, Ct));
        var (rest, _) = await ReadAllAsync(store, scope, page.Position, 2);

        Assert.Equal([records[3].ETag, delivered.ETag, waiting.ETag], rest.Select(r => r.ETag));
    }

    [Fact]
    public async Task Only_the_latest_version_comes_and_a_deleted_record_comes_as_a_tombstone()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var records = await CreateAsync(store, scope, 2);
        var changed = Written(await store.ReplaceAsync(records[0], records[0].ETag, Ct));
        var (_, position) = await ReadAllAsync(store, scope, null, 10);

        changed = Written(await store.ReplaceAsync(changed, changed.ETag, Ct));
        var deleted = Written(await store.ReplaceAsync(
            records[1] with { Deleted = true, Fields = RecordFields.Empty }, records[1].ETag, Ct));

        foreach (var start in (string?[])[null, position])
        {
            var (read, _) = await ReadAllAsync(store, scope, start, 10);
            Assert.Equal([changed.ETag, deleted.ETag], read.Select(r => r.ETag));
            Assert.Equal([false, true], read.Select(r => r.Deleted));
        }
    }

    [Fact]
    public async Task Other_scopes_never_show()
    {
        var store = await CreateStoreAsync();
        var name = $"{Guid.NewGuid():N}";
        Scope[] scopes = [.. ((string[])["a", "A", "ab", "a/b", "a%", "a_", "*"]).Select(s => Scope.ForUser($"{name}{s}")),
            Scope.ForUser(name), Scope.ForPublic(name)];
        foreach (var scope in scopes)
        {
            await CreateAsync(store, scope, 2);
        }

        foreach (var scope in scopes)
        {
            var (read, position) = await ReadAllAsync(store, scope, null, 10);
            Assert.Equal(2, read.Count);
            Assert.All(read, r => Assert.Equal(scope, r.Key.Scope));
            Assert.Empty((await store.ReadChangesAsync(scope, position, 10, Ct)).Records);
        }
    }

    [Fact]
    public async Task A_position_can_be_used_again_and_by_another_instance()
    {
        var scope = NewScope();
        var store = await CreateStoreAsync();
        await CreateAsync(store, scope, 5);
        var first = await store.ReadChangesAsync(scope, null, 3, Ct);

        var expected = (await store.ReadChangesAsync(scope, first.Position, 10, Ct)).Records.Select(r => r.ETag);
        var again = await store.ReadChangesAsync(scope, first.Position, 10, Ct);
        var elsewhere = await (await CreateStoreAsync()).ReadChangesAsync(scope, first.Position, 10, Ct);

        Assert.Equal(2, again.Records.Count);
        Assert.Equal(expected, again.Records.Select(r => r.ETag));
        Assert.Equal(expected, elsewhere.Records.Select(r => r.ETag));
    }

    [Fact]
    public async Task Without_more_to_come_a_position_yields_only_what_is_written_afterwards()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        await CreateAsync(store, scope, 3);
        var (_, position) = await ReadAllAsync(store, scope, null, 3);
        var quiet = await store.ReadChangesAsync(scope, position, 3, Ct);
        Assert.Empty(quiet.Records);
        Assert.False(quiet.HasMore);
        Assert.NotNull(quiet.Position);

        var written = (await CreateAsync(store, scope, 1))[0];

        foreach (var start in (string?[])[position, quiet.Position])
        {
            AssertSame(written, Assert.Single((await store.ReadChangesAsync(scope, start, 3, Ct)).Records));
        }
    }

    [Fact]
    public async Task An_acknowledged_write_is_in_the_very_next_read()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        string? position = null;
        for (var i = 0; i < 20; i++)
        {
            var written = (await CreateAsync(store, scope, 1))[0];
            var page = await store.ReadChangesAsync(scope, position, 10, Ct);
            AssertSame(written, Assert.Single(page.Records));
            position = page.Position;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public async Task What_is_no_position_is_refused(string position)
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        await CreateAsync(store, scope, 1);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.ReadChangesAsync(scope, position, 10, Ct));
    }

    [Fact]
    public async Task Nothing_is_missed_while_writers_work()
    {
        const int Writers = 4, RecordsEach = 5, Rounds = 12;
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var finals = new Dictionary<RecordKey, int>();
        var latest = new Dictionary<RecordKey, int>();
        string? position = null;

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            () => WriteRoundsAsync(store, scope, RecordsEach, Rounds), Ct)));
        bool done;
        do
        {
            done = writing.IsCompleted; // asked before the read, so the last read sees all that was acknowledged
            (var read, position) = await ReadAllAsync(store, scope, position, 3);
            foreach (var record in read)
            {
                var version = Version(record);
                Assert.True(version > latest.GetValueOrDefault(record.Key, -1), "a version came twice or went back");
                latest[record.Key] = version;
            }
        }
        while (!done);

        foreach (var key in (await writing).SelectMany(keys => keys))
        {
            finals[key] = Rounds;
        }

        Assert.Equal(Writers * RecordsEach, finals.Count);
        Assert.Equal(finals.OrderBy(f => f.Key.ToString()), latest.OrderBy(f => f.Key.ToString()));
    }

    private static async Task<List<RecordKey>> WriteRoundsAsync(IRecordStore store, Scope scope, int count, int rounds)
    {
        var records = await CreateAsync(store, scope, count);
        for (var round = 1; round <= rounds; round++)
        {
            for (var i = 0; i < count; i++)
            {
                var next = records[i] with { Fields = Json($$"""{"n":{{round.ToString(CultureInfo.InvariantCulture)}}}""") };
                records[i] = Written(await store.ReplaceAsync(next, records[i].ETag, Ct));
            }
        }

        return [.. records.Select(r => r.Key)];
    }

    private static int Version(StoredRecord record) => record.Fields.Element.GetProperty("n").GetInt32();

    private protected static async Task<List<StoredRecord>> CreateAsync(IRecordStore store, Scope scope, int count)
    {
        var records = new List<StoredRecord>();
        for (var i = 0; i < count; i++)
        {
            records.Add(Written(await store.CreateAsync(NewRecord(NewKey(scope), """{"n":0}"""), Ct)));
        }

        return records;
    }

    /// <summary>Reads until there is no more, and checks what holds for every page.</summary>
    private static async Task<(List<StoredRecord> Records, string? Position)> ReadAllAsync(
        IRecordStore store, Scope scope, string? after, int limit)
    {
        var all = new List<StoredRecord>();
        ChangePage page;
        do
        {
            page = await store.ReadChangesAsync(scope, after, limit, Ct);
            Assert.InRange(page.Records.Count, 0, limit);
            Assert.Equal(page.Records.Count, page.Records.DistinctBy(r => r.Key).Count());
            all.AddRange(page.Records);
            after = page.Position;
        }
        while (page.HasMore);
        return (all, after);
    }
}
