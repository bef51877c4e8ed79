using Backend.Records;
using Functions.Tests.Orchestrations;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task A_record_is_there_until_it_expires_and_gone_from_then_on()
    {
        var time = new ManualTime(Noon);
        var store = await CreateStoreAsync(time);
        var scope = NewScope();
        var expiring = Written(await store.CreateAsync(NewRecord(NewKey(scope)) with { ExpiresAt = Noon.AddMinutes(1) }, Ct));
        var lasting = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));

        time.Advance(TimeSpan.FromSeconds(59));
        AssertSame(expiring, await store.FindAsync(expiring.Key, Ct));
        Assert.Equal(2, (await store.ReadChangesAsync(scope, null, 10, Ct)).Records.Count);
        Assert.Equal(2, (await store.QueryAsync(QueryOf(scope), Ct)).Records.Count);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await store.FindAsync(expiring.Key, Ct));
        AssertSame(lasting, Assert.Single((await store.ReadChangesAsync(scope, null, 10, Ct)).Records));
        AssertSame(lasting, Assert.Single((await store.QueryAsync(QueryOf(scope), Ct)).Records));
    }

    [Fact]
    public async Task The_key_of_an_expired_record_is_free()
    {
        var time = new ManualTime(Noon);
        var store = await CreateStoreAsync(time);
        var expiring = NewRecord(NewKey()) with { ExpiresAt = Noon.AddMinutes(1) };
        Written(await store.CreateAsync(expiring, Ct));
        Assert.IsType<WriteOutcome.Conflict>(await store.CreateAsync(NewRecord(expiring.Key), Ct));

        time.Advance(TimeSpan.FromMinutes(1));
        var second = Written(await store.CreateAsync(NewRecord(expiring.Key, """{"title":"second"}""") with { CreatedAt = Noon.AddDays(1) }, Ct));

        AssertSame(second, await store.FindAsync(expiring.Key, Ct));
        Assert.Null(second.ExpiresAt);
    }

    [Fact]
    public async Task What_no_longer_expires_stays()
    {
        var time = new ManualTime(Noon);
        var store = await CreateStoreAsync(time);
        var expiring = Written(await store.CreateAsync(NewRecord(NewKey()) with { ExpiresAt = Noon.AddMinutes(1) }, Ct));
        var kept = Written(await store.ReplaceAsync(expiring with { ExpiresAt = null }, expiring.ETag, Ct));

        time.Advance(TimeSpan.FromDays(1));

        AssertSame(kept, await store.FindAsync(kept.Key, Ct));
    }

    [Fact]
    public async Task Purging_takes_nothing_that_has_not_expired()
    {
        var time = new ManualTime(Noon);
        var store = await CreateStoreAsync(time);
        var scope = NewScope();
        var expired = new List<StoredRecord>();
        for (var i = 0; i < 5; i++)
        {
            expired.Add(Written(await store.CreateAsync(NewRecord(NewKey(scope)) with { ExpiresAt = Noon.AddMinutes(i) }, Ct)));
        }

        var lasting = Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        var later = Written(await store.CreateAsync(NewRecord(NewKey(scope)) with { ExpiresAt = Noon.AddHours(1) }, Ct));
        time.Advance(TimeSpan.FromMinutes(30));

        while (await store.PurgeExpiredAsync(2, Ct) == 2)
        {
        }

        Assert.Equal([lasting.Key, later.Key], (await store.ReadChangesAsync(scope, null, 10, Ct)).Records.Select(record => record.Key));
        Assert.All(expired, record => Assert.NotEqual(lasting.Key, record.Key));
    }

    [Fact]
    public async Task The_products_own_collections_are_no_changes()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        for (var i = 0; i < 7; i++)
        {
            Written(await store.CreateAsync(NewRecord(NewKey(scope) with { Collection = "$own" }), Ct));
            Written(await store.CreateAsync(NewRecord(NewKey(scope)), Ct));
        }

        var (read, _) = await ReadAllAsync(store, scope, null, 3);

        Assert.Equal(7, read.Count);
        Assert.All(read, record => Assert.Equal("notes", record.Key.Collection));
    }
}
