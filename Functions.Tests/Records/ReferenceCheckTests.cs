using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class ReferenceCheckTests : IDisposable
{
    private const string OwnRules = "\"rules\":{\"read\":\"record.owner == user.id\",\"create\":\"true\",\"update\":\"true\",\"delete\":\"true\"}";

    private readonly ModelFolder _model = new ModelFolder()
        .With("books", """ "name":{"type":"string"} """)
        .With("topics", """ "name":{"type":"string"} """, "public", OwnRules)
        .With("notes", """
            "book":{"type":"reference","collection":"books","checked":true},
            "topic":{"type":"reference","collection":"topics","checked":true},
            "photo":{"type":"media","checked":true},
            "loose":{"type":"reference","collection":"books"},
            "text":{"type":"string"}
            """);

    [Fact]
    public async Task What_a_client_points_to_must_be_there_and_every_missing_one_is_named()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);

        var refused = await alice.PostAsync("/v1/data/notes", """{"book":"no","topic":"no","photo":"no","loose":"no"}""");

        refused.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["$.book reference_not_found", "$.photo reference_not_found", "$.topic reference_not_found"], refused.Errors.Order());
    }

    [Fact]
    public async Task It_is_found_in_the_records_own_scope_or_in_the_targets_public_one()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        await alice.PostAsync("/v1/data/books", """{"id":"b1"}""");
        await alice.PostAsync("/v1/data/topics", """{"id":"t1"}""");
        var photo = (await alice.PostAsync("/v1/media", """{"contentType":"image/jpeg","size":10}""")).Id;

        var created = await alice.PostAsync("/v1/data/notes", $$"""{"book":"b1","topic":"t1","photo":"{{photo}}"}""");

        Assert.Equal(HttpStatusCode.Created, created.Status);
    }

    [Fact]
    public async Task What_is_deleted_or_not_the_callers_to_read_is_not_there()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        using var bob = await ModelFolder.ClientAsync(backend, "bob");
        await bob.PostAsync("/v1/data/books", """{"id":"of-bob"}""");
        await bob.PostAsync("/v1/data/topics", """{"id":"of-bob"}""");
        await alice.PostAsync("/v1/data/books", """{"id":"gone"}""");
        await alice.DeleteAsync("/v1/data/books/gone");

        Assert.Equal(["$.book reference_not_found"], (await alice.PostAsync("/v1/data/notes", """{"book":"of-bob"}""")).Errors);
        Assert.Equal(["$.topic reference_not_found"], (await alice.PostAsync("/v1/data/notes", """{"topic":"of-bob"}""")).Errors);
        Assert.Equal(["$.book reference_not_found"], (await alice.PostAsync("/v1/data/notes", """{"book":"gone"}""")).Errors);
    }

    [Fact]
    public async Task Changes_check_what_they_change_and_nothing_else()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        await alice.PostAsync("/v1/data/books", """{"id":"b1"}""");
        var note = await ModelFolder.CreateAsync(alice, "notes", """{"book":"b1"}""");
        await alice.DeleteAsync("/v1/data/books/b1");

        Assert.Equal(HttpStatusCode.OK, (await alice.PatchAsync(note, """{"text":"a"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await alice.PutAsync(note, """{"book":"b1","text":"b"}""")).Status);
        Assert.Equal(["$.book reference_not_found"], (await alice.PatchAsync(note, """{"book":"b2"}""")).Errors);
        Assert.Equal(["$.topic reference_not_found"], (await alice.PutAsync(note, """{"topic":"t"}""")).Errors);
        Assert.Equal(HttpStatusCode.OK, (await alice.PatchAsync(note, """{"book":null}""")).Status);
        Assert.Equal(["$.book reference_not_found"], (await alice.PatchAsync(note, """{"book":"b1"}""")).Errors);
    }

    [Fact]
    public async Task A_record_that_the_same_batch_creates_counts_in_whatever_order()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);

        var together = await alice.PostAsync("/v1/data:batch", """
            {"operations":[
              {"op":"create","collection":"notes","fields":{"book":"new"}},
              {"op":"create","collection":"books","id":"new","fields":{"name":"b"}}
            ]}
            """);
        var missing = await alice.PostAsync("/v1/data:batch", """
            {"operations":[{"op":"create","collection":"notes","fields":{"book":"newer"}},{"op":"create","collection":"books","id":"other","fields":{}}]}
            """);

        Assert.Equal(HttpStatusCode.OK, together.Status);
        Assert.Equal(HttpStatusCode.BadRequest, missing.Status);
        Assert.Contains("reference_not_found", System.Text.Encoding.UTF8.GetString(missing.Bytes), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync("/v1/data/books/other")).Status);
    }

    public void Dispose() => _model.Dispose();
}
