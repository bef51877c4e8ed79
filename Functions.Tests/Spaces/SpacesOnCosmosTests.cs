using System.Net;
using Backend.Azure.Records;
using Backend.Model;
using Backend.Records;
using Backend.Spaces;
using Functions.Tests.Fixtures;
using Functions.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Spaces;

/// <summary>One journey through all of spaces with Cosmos DB under it: its conditions, queries and change feed.</summary>
public sealed class SpacesOnCosmosTests(CosmosServerFixture server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_space_lives_and_dies_on_cosmos_as_on_sqlite()
    {
        using var client = await server.ClientAsync();
        var store = new CosmosRecordStore(client, Options.Create(await server.OptionsAsync()), RecordStoreContract.Model, TimeProvider.System);
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordStore>(store));
        using var alice = await UserAsync(backend);
        using var bob = await UserAsync(backend);
        using var carol = await UserAsync(backend);
        var space = await alice.CreateSpaceAsync();
        var scope = $"space/{space}";

        // In: one of two by an invitation for one.
        var token = await alice.InviteAsync(space);
        var joined = await Task.WhenAll(bob.JoinAsync(token), carol.JoinAsync(token));
        Assert.Single(joined, answer => answer.Status == HttpStatusCode.OK);
        Assert.Single(joined, answer => answer.Status == HttpStatusCode.Gone);
        var (guest, other) = joined[0].Status == HttpStatusCode.OK ? (bob, carol) : (carol, bob);
        Assert.Equal([space], await guest.ListSpacesAsync());
        Assert.Empty(await other.ListSpacesAsync());

        // Shared.
        var note = await guest.PostAsync($"/v1/data/notes?scope={scope}", """{"title":"n"}""");
        Assert.Single((await alice.GetAsync($"/v1/data/notes?scope={scope}")).Json.GetProperty("items").EnumerateArray());
        var (records, cursor) = await guest.PullAllAsync(scope);
        Assert.Equal([note.Id], records.IdsOf("notes"));

        // Another role, then out.
        await alice.SetRoleAsync(space, guest.User, "viewer");
        Assert.True((await guest.PullScopeAsync(scope, cursor)).Json.GetProperty("changes")[0].GetProperty("resync").GetBoolean());
        (await guest.PostAsync($"/v1/data/notes?scope={scope}", """{"title":"n"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(SpaceClient.MemberPath(space, guest.User))).Status);
        Assert.True((await guest.PullScopeAsync(scope, cursor)).Json.GetProperty("changes")[0].GetProperty("revoked").GetBoolean());
        Assert.Empty(await guest.ListSpacesAsync());
        (await alice.DeleteAsync(SpaceClient.MemberPath(space, alice.User))).AssertProblem(HttpStatusCode.Conflict, "last_owner");

        // Gone, back, and gone for good.
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync($"/v1/spaces/{space}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await alice.PostAsync($"/v1/spaces/{space}:restore", "{}")).Status);
        Assert.Equal([space], await alice.ListSpacesAsync());
        await alice.DeleteAsync($"/v1/spaces/{space}");
        await PurgeAsync(backend, store, space);
        Assert.Empty((await store.ReadChangesAsync(KeyOf(space).Scope, null, 10, Ct)).Records);
    }

    private static async Task PurgeAsync(LocalBackend backend, CosmosRecordStore store, string space)
    {
        var record = await store.FindAsync(KeyOf(space), Ct) ?? throw new InvalidOperationException("There is no tombstone");
        var input = new PurgeSpaceInput(space, SpaceDetails.Read(record).Deletion ?? "", default);
        await using var services = backend.App.Services.CreateAsyncScope();
        Assert.True(await services.ServiceProvider.GetRequiredService<ClaimSpacePurge>().RunAsync(input, Ct));
        Assert.True(await services.ServiceProvider.GetRequiredService<DeleteSpaceRecords>().RunAsync(input, Ct) >= 3);
    }

    private static RecordKey KeyOf(string space) => RecordId.TryParse(space, out var id)
        ? new RecordKey(Scope.ForSpace(id), AppModel.SpacesCollection, id)
        : throw new InvalidOperationException($"{space} is no id");

    private static Task<ApiClient> UserAsync(LocalBackend backend) =>
        ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), $"user-{Guid.NewGuid():n}");
}
