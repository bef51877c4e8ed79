using Backend.Records;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task A_scope_is_emptied_piece_by_piece_for_good()
    {
        var store = await CreateStoreAsync();
        var scope = NewScope();
        var records = await CreateAsync(store, scope, 5);
        Written(await store.ReplaceAsync(records[0] with { Deleted = true }, records[0].ETag, Ct));
        Written(await store.CreateAsync(NewRecord(records[1].Key with { Collection = "comments" }), Ct));

        Assert.Equal(4, await store.DeleteAllAsync(scope, 4, Ct));
        Assert.Equal(2, await store.DeleteAllAsync(scope, 4, Ct));
        Assert.Equal(0, await store.DeleteAllAsync(scope, 4, Ct));

        Assert.All(await Task.WhenAll(records.Select(record => store.FindAsync(record.Key, Ct))), Assert.Null);
        Assert.Empty((await ReadAllAsync(store, scope, null, 10)).Records);
        Written(await store.CreateAsync(NewRecord(records[0].Key), Ct));
    }

    [Fact]
    public async Task Emptying_a_scope_leaves_others_alone()
    {
        var store = await CreateStoreAsync();
        var id = RecordId.New(TimeProvider.System.GetUtcNow());
        Scope[] scopes = [Scope.ForSpace(id), Scope.ForUser(id.Value), Scope.ForUser($"{id}0"), Scope.ForPublic(id.Value)];
        foreach (var scope in scopes)
        {
            await CreateAsync(store, scope, 2);
        }

        Assert.Equal(2, await store.DeleteAllAsync(scopes[0], 100, Ct));

        Assert.Empty((await ReadAllAsync(store, scopes[0], null, 10)).Records);
        foreach (var scope in scopes[1..])
        {
            Assert.Equal(2, (await ReadAllAsync(store, scope, null, 10)).Records.Count);
        }
    }
}
