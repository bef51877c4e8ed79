using System.Net;
using Backend.Hooks;
using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Functions.Tests.Fixtures;
using Functions.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Hooks;

public sealed class HookTests
{
    [Fact]
    public async Task The_samples_hook_sets_the_price_and_a_sent_price_is_refused()
    {
        await using var backend = await LocalBackend.StartAsync();
        using var alice = await ClientAsync(backend);

        var order = await alice.PostAsync("/v1/data/orders", """{"item":"pencil","quantity":3}""");
        var cheap = await alice.PostAsync("/v1/data/orders", """{"item":"pencil","quantity":3,"price":1}""");

        Assert.Equal(2997, order.Json.GetProperty("price").GetInt64());
        Assert.Equal(["$.price server_only"], cheap.Errors);
    }

    [Fact]
    public async Task The_samples_hook_sets_the_price_in_a_batch_and_with_a_key_too()
    {
        await using var backend = await LocalBackend.StartAsync();
        using var alice = await ClientAsync(backend);

        var batch = await BatchApiTests.BatchAsync(alice, """{"op":"create","collection":"orders","fields":{"item":"pencil","quantity":3}}""");
        var cheap = await BatchApiTests.BatchAsync(alice, """{"op":"create","collection":"orders","fields":{"item":"pencil","quantity":3,"price":1}}""");
        var once = await alice.PostAsync("/v1/data/orders", """{"item":"pencil","quantity":2}""", ("Idempotency-Key", "k"));

        Assert.Equal(2997, batch.Json.GetProperty("results")[0].GetProperty("record").GetProperty("price").GetInt64());
        Assert.Equal(["$.operations[0].fields.price server_only"], cheap.Errors);
        Assert.Equal(1998, once.Json.GetProperty("price").GetInt64());
    }

    [Fact]
    public async Task Hooks_run_for_every_operation_of_a_batch_and_one_rejection_undoes_all()
    {
        var witness = new Witness();
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordHook>(witness));
        using var alice = await ClientAsync(backend);

        var rejected = await BatchApiTests.BatchAsync(alice, """
            {"op":"create","collection":"notes","fields":{"title":"fine"}},
            {"op":"create","collection":"notes","fields":{"title":"bad"}}
            """);
        Assert.Empty(witness.After);
        var done = await BatchApiTests.BatchAsync(alice, """
            {"op":"create","collection":"notes","id":"a","fields":{"title":"one"}},
            {"op":"create","collection":"notes","id":"b","fields":{"title":"two"}}
            """);

        rejected.AssertProblem(HttpStatusCode.UnprocessableEntity, "bad_title");
        Assert.Equal(["$.operations[1].fields.title bad_title"], rejected.Errors);
        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Equal(["Create a", "Create b"], witness.After);
        Assert.Equal(2, (await alice.PullAsync()).Records.Count);
    }

    [Fact]
    public async Task Hooks_see_a_restoration_as_an_update_of_the_tombstone()
    {
        var witness = new Witness();
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordHook>(witness));
        using var alice = await ClientAsync(backend);
        await alice.PostAsync("/v1/data/notes", """{"id":"a","title":"one"}""");
        await alice.DeleteAsync("/v1/data/notes/a");

        var restored = await alice.SendAsync(HttpMethod.Post, "/v1/data/notes/a:restore", null);

        Assert.Equal(HttpStatusCode.OK, restored.Status);
        Assert.Equal(["Create a", "Delete a", "Update a of a tombstone"], witness.After);
    }

    [Fact]
    public async Task A_hook_rejects_with_its_own_code_and_nothing_is_written()
    {
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddRecordHook<NoShouting>());
        using var alice = await ClientAsync(backend);
        var note = await alice.PostAsync("/v1/data/notes", """{"title":"quiet"}""");

        var created = await alice.PostAsync("/v1/data/notes", """{"title":"LOUD"}""");
        var patched = await alice.PatchAsync($"/v1/data/notes/{note.Id}", """{"title":"LOUD"}""");
        var deleted = await alice.DeleteAsync($"/v1/data/notes/{note.Id}");

        created.AssertProblem(HttpStatusCode.UnprocessableEntity, "shouting");
        Assert.Equal(["$.title shouting"], created.Errors);
        patched.AssertProblem(HttpStatusCode.UnprocessableEntity, "shouting");
        deleted.AssertProblem(HttpStatusCode.UnprocessableEntity, "kept");
        Assert.Equal(note.ETag, (await alice.GetAsync($"/v1/data/notes/{note.Id}")).ETag);
    }

    [Fact]
    public async Task A_hook_that_sets_what_the_model_does_not_allow_fails_the_request_and_nothing_is_written()
    {
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddRecordHook<Careless>());
        using var alice = await ClientAsync(backend);

        var answer = await alice.PostAsync("/v1/data/notes", """{"title":"a"}""");

        answer.AssertProblem(HttpStatusCode.InternalServerError, "internal_error");
        Assert.Empty((await alice.PullAsync()).Records);
    }

    [Fact]
    public async Task A_hook_sees_other_records_of_the_scope_and_what_it_throws_afterwards_changes_nothing()
    {
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddRecordHook<TitleOfNotebook>());
        using var alice = await ClientAsync(backend);
        var notebook = await alice.PostAsync("/v1/data/notebooks", """{"name":"Birds"}""");

        var note = await alice.PostAsync("/v1/data/notes", $$"""{"title":"?","notebook":"{{notebook.Id}}"}""");

        Assert.Equal((HttpStatusCode.Created, "Birds"), (note.Status, note.Json.GetProperty("title").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/v1/data/notes/{note.Id}")).Status);
    }

    [Fact]
    public async Task A_hook_of_an_unknown_collection_stops_the_start() =>
        await Assert.ThrowsAsync<ModelException>(() =>
            LocalBackend.StartWithAsync(services => services.AddRecordHook<OfNothing>()));

    private static Task<ApiClient> ClientAsync(LocalBackend backend) =>
        ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "alice");

    private sealed class Witness : IRecordHook
    {
        public List<string> After { get; } = [];

        public string Collection => "notes";

        public ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct) =>
            ValueTask.FromResult(write.GetString("title") == "bad" ? new HookRejection("bad_title", "No.", "title") : null);

        public ValueTask AfterWriteAsync(RecordWrite write, StoredRecord written, CancellationToken ct)
        {
            After.Add($"{write.Operation} {written.Key.Id}{(write.Before?.Deleted is true ? " of a tombstone" : "")}");
            return ValueTask.CompletedTask;
        }
    }

    private sealed class NoShouting : IRecordHook
    {
        public string Collection => "notes";

        public ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct) =>
            ValueTask.FromResult(write.Operation is RecordOperation.Delete
                ? new HookRejection("kept", "Notes are kept.")
                : write.GetString("title") is { } title && title.All(char.IsUpper)
                    ? new HookRejection("shouting", "Please write small.", "title")
                    : null);
    }

    private sealed class Careless : IRecordHook
    {
        public string Collection => "notes";

        public ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct)
        {
            write.Set("priority", 99);
            write.Set("nowhere", true);
            return ValueTask.FromResult<HookRejection?>(null);
        }
    }

    private sealed class TitleOfNotebook : IRecordHook
    {
        public string Collection => "notes";

        public async ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct)
        {
            if (RecordId.TryParse(write.GetString("notebook"), out var id)
                && await write.FindAsync("notebooks", id, ct) is { } notebook
                && notebook.Fields.TryGet("name", out var name))
            {
                write.Set("title", name);
            }

            return null;
        }

        public ValueTask AfterWriteAsync(RecordWrite write, StoredRecord written, CancellationToken ct) =>
            throw new InvalidOperationException("After the write");
    }

    private sealed class OfNothing : IRecordHook
    {
        public string Collection => "nothing";
    }
}
