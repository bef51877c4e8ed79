using System.Net;
using Functions.Tests.Fixtures;
using Functions.Tests.Media;

namespace Functions.Tests.Orchestrations;

/// <summary>The part of the engines' contract that can be asked through HTTP, of what an upload starts.</summary>
public sealed class OrchestrationApiTests(BackendFixture backend)
{
    private const string Path = "/v1/admin/orchestrations";

    [Fact]
    public async Task Only_callers_with_the_role_may_look_or_steer()
    {
        using var alice = await backend.NewUserAsync();
        using var nobody = backend.Anonymous();

        (await alice.GetAsync(Path)).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await alice.PostAsync($"{Path}/any:terminate", "{}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Path)).Status);
    }

    [Fact]
    public async Task An_upload_is_found_among_the_instances_with_its_history()
    {
        using var admin = await backend.NewAdminAsync();
        var id = await ProcessAsync();

        var answer = await admin.GetAsync($"{Path}/{id}");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var instance = answer.Json.GetProperty("instance");
        Assert.Equal(("ProcessImage", "completed", "ready"), (
            instance.GetProperty("name").GetString(), instance.GetProperty("state").GetString(),
            instance.GetProperty("output").GetProperty("result").GetString()));
        Assert.False(instance.TryGetProperty("error", out _));
        if (!backend.IsExternal)
        {
            var kinds = answer.Json.GetProperty("history").EnumerateArray()
                .Select(happened => happened.GetProperty("kind").GetString()).ToList();
            Assert.Equal("started", kinds[0]);
            Assert.Contains("activityCompleted", kinds);
            Assert.Equal("completed", kinds[^1]);
        }
    }

    [Fact]
    public async Task The_list_is_narrowed_and_goes_on_where_a_page_ended()
    {
        using var admin = await backend.NewAdminAsync();
        string[] ids = [await ProcessAsync(), await ProcessAsync(), await ProcessAsync()];

        var found = new List<string>();
        var query = "?name=ProcessImage&state=completed&limit=2";
        for (var cursor = ""; cursor is not null;)
        {
            var page = (await admin.GetAsync($"{Path}{query}{cursor}")).Json;
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 0, 2);
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString() ?? ""));
            cursor = page.GetProperty("next").GetString() is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : null;
        }

        Assert.Subset(found.ToHashSet(), ids.ToHashSet());
        Assert.Equal(found.Count, found.Distinct().Count());
        var nothing = await admin.GetAsync($"{Path}?createdBefore=2020-01-01T00:00:00Z");
        Assert.Empty(nothing.Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_makes_no_sense_in_a_query_is_refused()
    {
        using var admin = await backend.NewAdminAsync();
        await ProcessAsync();
        await ProcessAsync();
        var next = (await admin.GetAsync($"{Path}?state=completed&limit=1")).Json.GetProperty("next").GetString() ?? "";

        Assert.Equal(["state not_in_enum"], (await admin.GetAsync($"{Path}?state=finished")).Errors);
        Assert.Equal(["limit out_of_range"], (await admin.GetAsync($"{Path}?limit=201")).Errors);
        Assert.Equal(["cursor invalid_cursor"], (await admin.GetAsync($"{Path}?state=failed&cursor={Uri.EscapeDataString(next)}")).Errors);
        Assert.Equal(["cursor invalid_cursor"], (await admin.GetAsync($"{Path}?cursor=a.b")).Errors);
    }

    [Fact]
    public async Task An_ended_instance_hears_and_ends_no_more_but_runs_again()
    {
        using var admin = await backend.NewAdminAsync();
        var id = await ProcessAsync();

        (await admin.PostAsync($"{Path}/{id}:terminate", "{}")).AssertProblem(HttpStatusCode.Conflict, "orchestration_ended");
        (await admin.PostAsync($"{Path}/{id}:raiseEvent", """{"name":"Go","payload":1}"""))
            .AssertProblem(HttpStatusCode.Conflict, "orchestration_ended");
        var rerun = await admin.PostAsync($"{Path}/{id}:rerun", "");
        Assert.Equal((HttpStatusCode.OK, id), (rerun.Status, rerun.Id));
        await Eventually.TrueAsync(async () => await StateAsync(admin, id) is "completed");
    }

    [Fact]
    public async Task An_instance_that_is_not_there_is_not_found()
    {
        using var admin = await backend.NewAdminAsync();
        foreach (var id in new[] { "nobody", $"nobody-{Guid.NewGuid():n}", "%40entity", new string('x', 101) })
        {
            (await admin.GetAsync($"{Path}/{id}")).AssertProblem(HttpStatusCode.NotFound, "orchestration_not_found");
            (await admin.PostAsync($"{Path}/{id}:rerun", "")).AssertProblem(HttpStatusCode.NotFound, "orchestration_not_found");
            (await admin.PostAsync($"{Path}/{id}:terminate", """{"reason":"why not"}"""))
                .AssertProblem(HttpStatusCode.NotFound, "orchestration_not_found");
            (await admin.PostAsync($"{Path}/{id}:raiseEvent", """{"name":"Go"}"""))
                .AssertProblem(HttpStatusCode.NotFound, "orchestration_not_found");
        }

        Assert.Equal(["$ required"], (await admin.PostAsync($"{Path}/nobody:raiseEvent", "{}")).Errors);
    }

    private static async Task<string?> StateAsync(ApiClient admin, string id) =>
        (await admin.GetAsync($"{Path}/{id}")).Json.GetProperty("instance").GetProperty("state").GetString();

    /// <returns>The id of the instance that processed a small image, whose end it has waited for.</returns>
    private async Task<string> ProcessAsync()
    {
        using var alice = await backend.NewUserAsync();
        using var admin = await backend.NewAdminAsync();
        var media = await MediaUpload.UploadAsync(alice, await File.ReadAllBytesAsync(RepositoryFiles.Photo), "image/jpeg");
        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, media)).GetProperty("status").GetString());
        string? found = null;
        await Eventually.TrueAsync(async () =>
        {
            var cursor = "";
            do
            {
                var page = (await admin.GetAsync($"{Path}?name=ProcessImage&state=completed&limit=200{cursor}")).Json;
                found = page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString())
                    .FirstOrDefault(id => id?.Contains(media, StringComparison.Ordinal) is true);
                cursor = page.GetProperty("next").GetString() is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : null;
            }
            while (found is null && cursor is not null);
            return found is not null;
        });
        return found ?? "";
    }
}
