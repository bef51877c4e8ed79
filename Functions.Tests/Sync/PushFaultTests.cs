using System.Text.Json.Nodes;
using Backend.Hooks;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Sync;

/// <summary>What is the server's fault, or too large, must neither hold up a queue nor be lost.</summary>
public sealed class PushFaultTests
{
    [Fact]
    public async Task A_failing_hook_holds_up_its_record_alone_until_it_is_mended()
    {
        var hook = new Failing();
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordHook>(hook));
        using var alice = await ModelFolder.ClientAsync(backend);
        var phone = new SyncDevice(alice);
        JsonObject[] queue =
        [
            phone.Put("broken", """{"title":"fail"}"""), phone.Patch("broken", """{"likes":{"$increment":1}}"""), phone.Put("fine", """{"title":"a"}"""),
        ];

        Assert.Equal(["retry", "retry", "applied"], (await phone.PushAsync(queue)).Select(result => result.GetProperty("status").GetString()));
        hook.IsMended = true;
        Assert.All(await phone.PushAsync(queue), result => Assert.Equal("applied", result.GetProperty("status").GetString()));
        Assert.Equal(1, (await phone.ReadAsync("broken")).GetProperty("likes").GetInt32());
    }

    [Fact]
    public async Task A_group_with_a_failing_hook_comes_again_whole()
    {
        var hook = new Failing();
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordHook>(hook));
        using var alice = await ModelFolder.ClientAsync(backend);
        var phone = new SyncDevice(alice);
        JsonObject[] group = [In("g", phone.Put("a", """{"title":"a"}""")), In("g", phone.Put("b", """{"title":"fail"}"""))];

        Assert.All(await phone.PushAsync(group), result => Assert.Equal("retry", result.GetProperty("status").GetString()));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await alice.GetAsync("/v1/data/notes/a")).Status);
        hook.IsMended = true;
        Assert.All(await phone.PushAsync(group), result => Assert.Equal("applied", result.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_group_that_no_store_could_apply_together_is_rejected_and_the_others_go_on()
    {
        await using var backend = await LocalBackend.StartAsync(null, "--Records:MaxBatchBytes=1024");
        using var alice = await ModelFolder.ClientAsync(backend);
        var phone = new SyncDevice(alice);
        var large = $$"""{"title":"a","body":"{{new string('x', 600)}}"}""";

        var results = await phone.PushAsync(In("g", phone.Put("a", large)), In("g", phone.Put("b", large)), phone.Put("c", large));

        Assert.Equal(
            ["group_too_large", "group_too_large", null],
            results.Select(result => result.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : null));
        Assert.Equal("applied", results[2].GetProperty("status").GetString());
    }

    private static JsonObject In(string group, JsonObject mutation)
    {
        mutation["group"] = group;
        return mutation;
    }

    private sealed class Failing : IRecordHook
    {
        public bool IsMended { get; set; }

        public string Collection => "notes";

        public ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct) =>
            write.GetString("title") == "fail" && !IsMended
                ? throw new InvalidOperationException("A bug")
                : ValueTask.FromResult<HookRejection?>(null);
    }
}
