using System.Net;
using Backend.Model;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Spaces;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Spaces;

/// <summary>What needs a host with small limits, or a look into its store.</summary>
public sealed class SpaceLimitsTests : IAsyncLifetime
{
    private LocalBackend? _backend;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LocalBackend Host => _backend ?? throw new InvalidOperationException("The test has not started");

    private IRecordStore Store => Host.App.Services.GetRequiredService<IRecordStore>();

    public async ValueTask InitializeAsync() => _backend = await LocalBackend.StartAsync(
        null, "--Spaces:MaxMembers=2", "--Spaces:MaxSpacesPerUser=2", "--Spaces:MaxInvitations=2");

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task A_full_space_lets_nobody_in_and_uses_no_invitation_up()
    {
        using var alice = await UserAsync("alice");
        using var bob = await UserAsync("bob");
        using var carol = await UserAsync("carol");
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space, "viewer", uses: 2);
        await bob.JoinAsync(token);

        (await carol.JoinAsync(token)).AssertProblem(HttpStatusCode.Conflict, "space_full");
        await bob.DeleteAsync(SpaceClient.MemberPath(space, "bob"));

        Assert.Equal(HttpStatusCode.OK, (await carol.JoinAsync(token)).Status);
    }

    [Fact]
    public async Task A_user_is_in_so_many_spaces_and_no_more()
    {
        using var alice = await UserAsync("alice");
        using var bob = await UserAsync("bob");
        var invited = await alice.InviteAsync(await alice.CreateSpaceAsync());
        var mine = await bob.CreateSpaceAsync();
        await bob.CreateSpaceAsync();

        (await bob.PostAsync("/v1/spaces", """{"name":"x"}""")).AssertProblem(HttpStatusCode.Conflict, "too_many_spaces");
        (await bob.JoinAsync(invited)).AssertProblem(HttpStatusCode.Conflict, "too_many_spaces");
        await bob.DeleteAsync($"/v1/spaces/{mine}");

        Assert.Equal(HttpStatusCode.OK, (await bob.JoinAsync(invited)).Status);
    }

    [Fact]
    public async Task A_space_has_so_many_invitations_and_expired_ones_do_not_count()
    {
        using var alice = await UserAsync("alice");
        using var bob = await UserAsync("bob");
        var space = await alice.CreateSpaceAsync();
        var path = $"/v1/spaces/{space}/invitations";
        var made = await alice.PostAsync(path, """{"role":"viewer"}""");
        await alice.InviteAsync(space);
        (await alice.PostAsync(path, """{"role":"viewer"}""")).AssertProblem(HttpStatusCode.Conflict, "too_many_invitations");

        await ChangeAsync(KeyOf(space, AppModel.InvitationsCollection, made.Id), record =>
            (InvitationDetails.Read(record) with { ExpiresAt = "2020-01-01T00:00:00.000Z" }).ToFields());

        var token = made.Json.GetProperty("token").GetString() ?? "";
        (await bob.JoinAsync(token)).AssertProblem(HttpStatusCode.Gone, "invitation_expired");
        await alice.InviteAsync(space);
        (await bob.JoinAsync(token)).AssertProblem(HttpStatusCode.Gone, "invitation_expired");
    }

    [Fact]
    public async Task Who_was_cut_off_on_the_way_in_goes_on_where_it_ended()
    {
        using var alice = await UserAsync("alice");
        using var bob = await UserAsync("bob");
        var space = await alice.CreateSpaceAsync();
        var made = await alice.PostAsync($"/v1/spaces/{space}/invitations", """{"role":"viewer"}""");
        await ChangeAsync(KeyOf(space, AppModel.InvitationsCollection, made.Id), record =>
            InvitationDetails.Read(record).With("bob", new InvitationUse("then")).ToFields());

        Assert.Equal(HttpStatusCode.OK, (await bob.JoinAsync(made.Json.GetProperty("token").GetString() ?? "")).Status);

        Assert.Equal([space], await bob.ListSpacesAsync());
    }

    [Fact]
    public async Task A_membership_without_a_space_behind_it_is_taken_away_and_a_lost_one_comes_back()
    {
        using var alice = await UserAsync("alice");
        using var bob = await UserAsync("bob");
        var space = await alice.CreateSpaceAsync();
        var token = await alice.InviteAsync(space);
        var memberships = Host.App.Services.GetRequiredService<Memberships>();
        var id = KeyOf(space, AppModel.SpacesCollection, space).Id;

        await memberships.EnsureAsync("bob", id, Ct);
        Assert.Empty(await bob.ListSpacesAsync());
        Assert.Empty(await memberships.ListAsync("bob", Ct));

        await bob.JoinAsync(token);
        await memberships.DropAsync("bob", id, Ct);
        Assert.Equal([space], await bob.ListSpacesAsync());
    }

    [Fact]
    public async Task A_deleted_space_is_purged_for_good_when_its_time_has_come()
    {
        using var alice = await UserAsync("alice");
        var space = await alice.CreateSpaceAsync();
        await alice.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}""");
        await alice.DeleteAsync($"/v1/spaces/{space}");
        var key = KeyOf(space, AppModel.SpacesCollection, space);
        var deletion = SpaceDetails.Read(await Store.FindAsync(key, Ct) ?? throw new InvalidOperationException()).Deletion ?? "";
        var input = new PurgeSpaceInput(space, deletion, default);
        await using var scope = Host.App.Services.CreateAsyncScope();
        var claim = scope.ServiceProvider.GetRequiredService<ClaimSpacePurge>();
        var remove = scope.ServiceProvider.GetRequiredService<DeleteSpaceRecords>();

        Assert.NotNull(await Host.App.Services.GetRequiredService<IOrchestrator>()
            .FindAsync(PurgeSpace.InstanceIdOf(space, deletion), Ct));
        Assert.False(await claim.RunAsync(input with { Deletion = "another" }, Ct));
        Assert.True(await claim.RunAsync(input, Ct));
        (await alice.PostAsync($"/v1/spaces/{space}:restore", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
        Assert.True(await claim.RunAsync(input, Ct));
        Assert.Equal(2, await remove.RunAsync(input, Ct));

        Assert.Equal(0, await remove.RunAsync(input, Ct));
        Assert.Null(await Store.FindAsync(key, Ct));
        Assert.True(await claim.RunAsync(input, Ct));
        (await alice.PostAsync($"/v1/spaces/{space}:restore", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
    }

    [Fact]
    public async Task A_restored_space_is_not_purged()
    {
        using var alice = await UserAsync("alice");
        var space = await alice.CreateSpaceAsync();
        await alice.DeleteAsync($"/v1/spaces/{space}");
        var key = KeyOf(space, AppModel.SpacesCollection, space);
        var deletion = SpaceDetails.Read(await Store.FindAsync(key, Ct) ?? throw new InvalidOperationException()).Deletion ?? "";
        await alice.PostAsync($"/v1/spaces/{space}:restore", "{}");
        await using var scope = Host.App.Services.CreateAsyncScope();
        var claim = scope.ServiceProvider.GetRequiredService<ClaimSpacePurge>();

        Assert.False(await claim.RunAsync(new PurgeSpaceInput(space, deletion, default), Ct));
        await alice.DeleteAsync($"/v1/spaces/{space}");
        Assert.False(await claim.RunAsync(new PurgeSpaceInput(space, deletion, default), Ct));
    }

    [Fact]
    public async Task What_the_product_notes_for_itself_is_never_delivered()
    {
        using var alice = await UserAsync("alice");
        var record = new StoredRecord
        {
            Key = KeyOf(null, "$notes", "n1"), Owner = "alice", CreatedAt = default, UpdatedAt = default, Fields = RecordFields.Empty,
        };
        await Store.CreateAsync(record, Ct);
        await alice.PostAsync("/v1/data/notes", """{"title":"n"}""");

        var changes = (await alice.PullScopeAsync("user/alice")).Json.GetProperty("changes")[0];

        Assert.Single(changes.GetProperty("records").EnumerateArray());
        Assert.Empty(changes.GetProperty("removed").EnumerateArray());
    }

    private Task<ApiClient> UserAsync(string name) => ApiClient.CreateAsync(Host.Url, new Uri(Host.Url, "/dev/token"), name);

    private async Task ChangeAsync(RecordKey key, Func<StoredRecord, RecordFields> change)
    {
        var record = await Store.FindAsync(key, Ct) ?? throw new InvalidOperationException($"There is no {key}");
        Assert.IsType<WriteOutcome.Written>(await Store.ReplaceAsync(record with { Fields = change(record) }, record.ETag, Ct));
    }

    private static RecordKey KeyOf(string? space, string collection, string id) =>
        Scope.TryParse(space is null ? "user/alice" : $"space/{space}", out var scope) && RecordId.TryParse(id, out var recordId)
            ? new RecordKey(scope, collection, recordId)
            : throw new InvalidOperationException();
}
