using System.Net;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Orchestrations;

/// <summary>Starting an orchestration by its name, as far as the contract of engines does not ask for it.</summary>
public sealed class StartByNameApiTests(BackendFixture backend)
{
    private const string Path = "/v1/admin/orchestrations";

    [Fact]
    public async Task A_start_without_an_id_gets_a_new_one_and_says_where_it_is()
    {
        using var admin = await backend.NewAdminAsync();
        await new HttpOrchestrator(admin).SkipWithoutChecksAsync();

        var first = await admin.PostAsync(Path, """{"name":"CheckChain","input":1}""");
        var second = await admin.PostAsync(Path, """{"name":"CheckChain","input":1}""");

        Assert.Equal((HttpStatusCode.Accepted, "started"), (first.Status, first.Json.GetProperty("outcome").GetString()));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal($"{Path}/{first.Id}", first.Headers["Location"]);
        await Eventually.TrueAsync(async () =>
            (await admin.GetAsync(first.Headers["Location"])).Json.GetProperty("instance").GetProperty("state").GetString() is "completed");
    }

    [Fact]
    public async Task What_cannot_be_started_is_refused_with_every_place_that_is_wrong()
    {
        using var admin = await backend.NewAdminAsync();
        await new HttpOrchestrator(admin).SkipWithoutChecksAsync();

        var unknown = await admin.PostAsync(Path, """{"name":"checkchain","input":1}""");
        unknown.AssertProblem(HttpStatusCode.UnprocessableEntity, "unknown_orchestration");
        Assert.Equal(["$.name unknown_orchestration"], unknown.Errors);
        Assert.Equal(
            ["$.id invalid_id", "$.policy not_in_enum", "$.input wrong_type"],
            (await admin.PostAsync(Path, """{"name":"CheckChain","id":"a/b","policy":"perhaps","input":"x"}""")).Errors);
        Assert.Equal(["$.input wrong_type"], (await admin.PostAsync(Path, """{"name":"CheckChain"}""")).Errors);
        Assert.Equal(["$.input required"], (await admin.PostAsync(Path, """{"name":"CheckInput"}""")).Errors);
        Assert.Equal(["$.input required"], (await admin.PostAsync(Path, """{"name":"CheckCountDown","input":{"Left":3}}""")).Errors);
        Assert.Equal(["$.input.Left wrong_type"], (await admin.PostAsync(Path, """{"name":"CheckCountDown","input":{"Left":"x","Sum":1}}""")).Errors);
        Assert.Equal(["$ required"], (await admin.PostAsync(Path, """{"input":1}""")).Errors);
        Assert.Equal(["$.priority unknown_field"], (await admin.PostAsync(Path, """{"name":"CheckChain","priority":1}""")).Errors);
    }

    [Fact]
    public async Task Only_administrators_start_orchestrations()
    {
        using var alice = await backend.NewUserAsync();
        using var nobody = backend.Anonymous();

        (await alice.PostAsync(Path, """{"name":"ReprocessMedia"}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostAsync(Path, """{"name":"ReprocessMedia"}""")).Status);
    }

    [Fact]
    public async Task The_checks_are_there_only_where_a_setting_asks_for_them()
    {
        await using var host = await LocalBackend.StartAsync();
        using var admin = await ApiClient.CreateAsync(host.Url, new Uri(host.Url, "/dev/token"), "root", "admin");

        (await admin.PostAsync(Path, """{"name":"CheckChain","input":1}"""))
            .AssertProblem(HttpStatusCode.UnprocessableEntity, "unknown_orchestration");
        await Assert.ThrowsAnyAsync<Exception>(() => LocalBackend.StartAsync(null, "--Orchestrations:Checks=perhaps"));
        var misspelt = await Assert.ThrowsAsync<OptionsValidationException>(() => LocalBackend.StartAsync(null, "--Orchestrations:Check=true"));
        Assert.Contains("did you mean Orchestrations:Checks?", misspelt.Message, StringComparison.Ordinal);
    }
}
