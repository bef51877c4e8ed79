using Backend.Records;
using Functions.Tests.Orchestrations;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task Changes_that_are_applied_together_are_all_there_in_their_order()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var first = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        var second = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));

        var written = Assert.IsType<ApplyOutcome.Written>(await store.ApplyAsync(
            scope,
            [
                new RecordChange(NewRecord(NewKey(scope), """{"title":"new"}"""), null),
                new RecordChange(first with { Fields = Json("""{"title":"changed"}""") }, first.ETag),
                new RecordChange(second with { Deleted = true }, second.ETag),
            ],
            Ct)).Records;

        Assert.Equal(3, written.Select(record => record.ETag).Distinct().Count());
        foreach (var record in written)
        {
            AssertSame(record, await store.FindAsync(record.Key, Ct));
        }

        Assert.NotEqual(first.ETag, written[1].ETag);
        Assert.True(written[2].Deleted);
        var (read, _) = await ReadAllAsync(store, scope, null, IRecordStore.MaxChanges);
        Assert.Equal(written.Select(record => record.Key).ToHashSet(), read.Select(record => record.Key).ToHashSet());
    }

    [Fact]
    public async Task Of_changes_whose_conditions_do_not_all_hold_none_is_written()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var first = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        var second = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        var newer = Written(await store.ReplaceAsync(second with { Fields = Json("{}") }, second.ETag, Ct));
        var (fresh, unknown) = (NewRecord(NewKey(scope)), NewRecord(NewKey(scope)));

        var outdated = await store.ApplyAsync(
            scope, [new(fresh, null), new(first with { Fields = Json("{}") }, first.ETag), new(second, second.ETag)], Ct);
        var taken = await store.ApplyAsync(scope, [new(fresh, null), new(NewRecord(first.Key), null)], Ct);
        var missing = await store.ApplyAsync(scope, [new(fresh, null), new(unknown, first.ETag)], Ct);

        AssertConflict(outdated, 2, newer);
        AssertConflict(taken, 1, first);
        AssertConflict(missing, 1, null);
        Assert.Null(await store.FindAsync(fresh.Key, Ct));
        AssertSame(first, await store.FindAsync(first.Key, Ct));
        AssertSame(newer, await store.FindAsync(second.Key, Ct));
    }

    [Fact]
    public async Task As_many_changes_as_the_port_allows_are_applied_and_no_more()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var changes = Enumerable.Range(0, IRecordStore.MaxChanges + 1).Select(_ => new RecordChange(NewRecord(NewKey(scope)), null)).ToList();

        await Assert.ThrowsAsync<ArgumentException>(() => store.ApplyAsync(scope, changes, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ApplyAsync(scope, [], Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ApplyAsync(scope, [changes[0], changes[0]], Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ApplyAsync(NewScope(), [changes[0]], Ct));
        Assert.Equal(100, Assert.IsType<ApplyOutcome.Written>(await store.ApplyAsync(scope, changes[..^1], Ct)).Records.Count);
    }

    [Fact]
    public async Task Applied_changes_may_take_the_key_of_what_has_expired()
    {
        var time = new ManualTime(Noon);
        var store = await CreateStoreAsync(time);
        var scope = NewScope();
        var expiring = Written(await store.CreateAsync(NewRecord(NewKey(scope)) with { ExpiresAt = Noon.AddMinutes(1) }, Ct));
        RecordChange[] changes = [new(NewRecord(NewKey(scope)), null), new(NewRecord(expiring.Key, """{"title":"second"}"""), null)];
        AssertConflict(await store.ApplyAsync(scope, changes, Ct), 1, expiring);

        time.Advance(TimeSpan.FromMinutes(1));
        var written = Assert.IsType<ApplyOutcome.Written>(await store.ApplyAsync(scope, changes, Ct)).Records;

        AssertSame(written[1], await store.FindAsync(expiring.Key, Ct));
    }

    [Fact]
    public async Task Of_many_who_apply_changes_to_one_record_one_wins_each_round_and_leaves_nothing_half_done()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var shared = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        for (var round = 0; round < 5; round++)
        {
            var expected = shared.ETag;
            var companions = Enumerable.Range(0, 6).Select(_ => NewRecord(NewKey(scope))).ToList();
            var outcomes = await Task.WhenAll(companions.Select(companion => Task.Run(
                () => store.ApplyAsync(scope, [new(companion, null), new(NewRecord(shared.Key), expected)], Ct), Ct)));

            shared = Assert.Single(outcomes.OfType<ApplyOutcome.Written>()).Records[1];
            var winner = Array.FindIndex(outcomes, outcome => outcome is ApplyOutcome.Written);
            foreach (var (i, companion) in companions.Index())
            {
                Assert.Equal(i == winner, await store.FindAsync(companion.Key, Ct) is not null);
            }
        }
    }

    private static void AssertConflict(ApplyOutcome outcome, int index, StoredRecord? current)
    {
        var conflict = Assert.IsType<ApplyOutcome.Conflict>(outcome);
        Assert.Equal((index, current is null), (conflict.Index, conflict.Current is null));
        if (current is not null)
        {
            AssertSame(current, conflict.Current);
        }
    }
}
