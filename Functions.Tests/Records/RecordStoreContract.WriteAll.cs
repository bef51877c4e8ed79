using System.Text;
using Backend.Records;

namespace Functions.Tests.Records;

/// <remarks>Many writes of one scope, each on its own; and what merging keeps beside the fields.</remarks>
public abstract partial class RecordStoreContract
{
    private static readonly ReadOnlyMemory<byte> State = Encoding.UTF8.GetBytes("""{"v":"019ca90e46780002","w":{"ann":[9007199254740991,"019ca90e46780002","019ca90e46780002"]}}""");

    [Fact]
    public async Task Of_many_writes_those_whose_condition_holds_are_written_and_the_others_tell_what_is_there()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var there = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        var stale = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        var current = Written(await store.ReplaceAsync(stale with { Fields = Json("""{"title":"newer"}""") }, stale.ETag, Ct));
        var missing = NewRecord(NewKey(scope));
        RecordChange[] changes =
        [
            new(NewRecord(NewKey(scope)), null),
            new(there with { Fields = Json("""{"title":"second"}""") }, there.ETag),
            new(stale with { Fields = Json("""{"title":"late"}""") }, stale.ETag),
            new(NewRecord(there.Key), null),
            new(missing, there.ETag),
        ];

        var outcomes = await store.WriteAllAsync(scope, [.. changes.Where((_, i) => i != 3)], Ct);

        Assert.Equal(
            [typeof(WriteOutcome.Written), typeof(WriteOutcome.Written), typeof(WriteOutcome.Conflict), typeof(WriteOutcome.Conflict)],
            outcomes.Select(outcome => outcome.GetType()));
        AssertSame(Written(outcomes[1]), await store.FindAsync(there.Key, Ct));
        AssertSame(current, Conflict(outcomes[2]));
        Assert.Null(Conflict(outcomes[3]));
        AssertSame(current, await store.FindAsync(stale.Key, Ct));
        Assert.IsType<WriteOutcome.Conflict>(Assert.Single(await store.WriteAllAsync(scope, [changes[3]], Ct)));
    }

    [Fact]
    public async Task Many_writes_are_of_one_scope_and_of_different_records()
    {
        var store = await CreateStoreAsync();
        var record = NewRecord(NewKey());

        await Assert.ThrowsAsync<ArgumentException>(() => store.WriteAllAsync(NewScope(), [new RecordChange(record, null)], Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => store.WriteAllAsync(
            record.Key.Scope, [new RecordChange(record, null), new RecordChange(record, null)], Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => store.WriteAllAsync(record.Key.Scope, [], Ct));
    }

    [Fact]
    public async Task A_merge_state_is_kept_as_it_is_by_every_way_in_and_out()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var created = Written(await store.CreateAsync(NewRecord(NewKey(scope)) with { MergeState = State }, Ct));
        var written = Written(Assert.Single(await store.WriteAllAsync(scope, [new RecordChange(created, created.ETag)], Ct)));

        foreach (var found in new[]
        {
            created, written,
            await store.FindAsync(created.Key, Ct),
            Assert.Single(await store.FindManyAsync(scope, created.Key.Collection, [created.Key.Id], Ct)),
            Assert.Single((await store.ReadChangesAsync(scope, null, 10, Ct)).Records),
        })
        {
            Assert.Equal(Encoding.UTF8.GetString(State.Span), Encoding.UTF8.GetString((found?.MergeState ?? default).Span));
        }

        var without = Written(await store.ReplaceAsync(written with { MergeState = null }, written.ETag, Ct));
        Assert.Null((await store.FindAsync(without.Key, Ct))?.MergeState);
    }

    [Fact]
    public async Task A_page_ends_when_it_has_the_bytes_and_always_has_a_record()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        for (var i = 0; i < 6; i++)
        {
            await store.CreateAsync(NewRecord(NewKey(scope), $$"""{"title":"{{new string('x', 1_000)}}"}"""), Ct);
        }

        var (read, page) = (0, new ChangePage([], null, HasMore: true));
        for (var pages = 0; page.HasMore; pages++)
        {
            page = await store.ReadChangesAsync(scope, page.Position, new PageLimit(4, 1_500), Ct);
            read += page.Records.Count;
            Assert.InRange(page.Records.Count, 0, 4);
            Assert.True(pages < 20);
        }

        Assert.Equal(6, read);
    }
}
