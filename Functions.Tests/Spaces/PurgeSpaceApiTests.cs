using System.Globalization;
using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Spaces;

/// <summary>Purging a deleted space at once, which is an operation of its owner, over HTTP.</summary>
public sealed class PurgeSpaceApiTests(BackendFixture backend)
{
    [Fact]
    public async Task An_owner_has_a_deleted_space_purged_and_sees_what_becomes_of_it()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");
        for (var i = 0; i < 3; i++)
        {
            await alice.PostAsync($"/v1/data/notes?scope=space/{space}", """{"title":"n"}""");
        }

        await alice.DeleteAsync($"/v1/spaces/{space}");
        var accepted = await alice.PostAsync($"/v1/spaces/{space}:purge", "{}");

        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
        Assert.Equal($"/v1/operations/{accepted.Id}", accepted.Headers.GetValueOrDefault("Location"));
        Assert.Equal("1", accepted.Headers.GetValueOrDefault("Retry-After"));
        Assert.Equal("PurgeSpace", accepted.Json.GetProperty("name").GetString());

        await Eventually.TrueAsync(async () =>
        {
            var operation = await alice.GetAsync($"/v1/operations/{accepted.Id}");
            Assert.Equal(HttpStatusCode.OK, operation.Status);
            var hasEnded = operation.Json.GetProperty("state").GetString() is not ("pending" or "running");
            Assert.Equal(!hasEnded, int.TryParse(operation.Headers.GetValueOrDefault("Retry-After"), CultureInfo.InvariantCulture, out _));
            return hasEnded;
        });

        var result = (await alice.GetAsync($"/v1/operations/{accepted.Id}")).Json;
        Assert.Equal("completed", result.GetProperty("state").GetString());
        Assert.Equal("purged", result.GetProperty("result").GetProperty("result").GetString());
        Assert.True(result.GetProperty("result").GetProperty("records").GetInt64() >= 3);
        (await alice.PostAsync($"/v1/spaces/{space}:restore", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
        (await alice.PostAsync($"/v1/spaces/{space}:purge", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");

        // Nobody else's business, nor known to them.
        (await bob.GetAsync($"/v1/operations/{accepted.Id}")).AssertProblem(HttpStatusCode.NotFound, "operation_not_found");
    }

    [Fact]
    public async Task Only_an_owner_purges_and_only_what_is_deleted()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var space = await alice.CreateSpaceAsync();
        await alice.LetInAsync(space, bob, "editor");

        (await alice.PostAsync($"/v1/spaces/{space}:purge", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/v1/spaces/{space}")).Status);

        await alice.DeleteAsync($"/v1/spaces/{space}");
        (await bob.PostAsync($"/v1/spaces/{space}:purge", "{}")).AssertProblem(HttpStatusCode.NotFound, "space_not_found");
        Assert.Equal(HttpStatusCode.OK, (await alice.PostAsync($"/v1/spaces/{space}:restore", "{}")).Status);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("%24x")]
    public async Task An_operation_that_nobody_started_is_not_found(string id)
    {
        using var alice = await backend.NewUserAsync();
        (await alice.GetAsync($"/v1/operations/{id}")).AssertProblem(HttpStatusCode.NotFound, "operation_not_found");
    }
}
