using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

public sealed class FieldOperationApiTests(BackendFixture backend)
{
    [Fact]
    public async Task Increments_of_many_at_once_all_count()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice, """{"title":"a","likes":5}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(_ => alice.PatchAsync($"/v1/data/notes/{note.Id}", """{"likes":{"$increment":2}}""")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(85, (await alice.GetAsync($"/v1/data/notes/{note.Id}")).Json.GetProperty("likes").GetInt64());
    }

    [Fact]
    public async Task A_set_gains_and_loses_elements_and_holds_each_once()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice, """{"title":"a","tags":["a","b"]}""");
        var path = $"/v1/data/notes/{note.Id}";

        var patched = await alice.PatchAsync(path, """{"tags":{"$add":["b","c"],"$remove":["a","x"]}}""");
        Assert.Equal("""["b","c"]""", patched.Json.GetProperty("tags").GetRawText());
        var both = await alice.PatchAsync(path, """{"tags":{"$remove":["b","d"],"$add":["d"]}}""");
        Assert.Equal("""["c","d"]""", both.Json.GetProperty("tags").GetRawText());
    }

    [Fact]
    public async Task An_operation_on_nothing_starts_from_zero_or_the_empty_set()
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice);

        var patched = await alice.PatchAsync($"/v1/data/notes/{note.Id}", """{"likes":{"$increment":-3},"tags":{"$add":["z"]}}""");

        Assert.Equal(-3, patched.Json.GetProperty("likes").GetInt64());
        Assert.Equal("""["z"]""", patched.Json.GetProperty("tags").GetRawText());
    }

    [Theory]
    [InlineData("""{"likes":{"$increment":"1"}}""", "$.likes invalid_operation")]
    [InlineData("""{"likes":{"$increment":1.5}}""", "$.likes invalid_operation")]
    [InlineData("""{"likes":{"$add":["a"]}}""", "$.likes invalid_operation")]
    [InlineData("""{"likes":{}}""", "$.likes invalid_operation")]
    [InlineData("""{"likes":{"$increment":9223372036854775807}}""", "$.likes too_large")]
    [InlineData("""{"likes":{"$increment":9007199254740987}}""", "$.likes too_large")]
    [InlineData("""{"likes":{"$increment":-9007199254740997}}""", "$.likes too_small")]
    [InlineData("""{"likes":9007199254740992}""", "$.likes too_large")]
    [InlineData("""{"likes":-9007199254740992}""", "$.likes too_small")]
    [InlineData("""{"priority":{"$increment":9}}""", "$.priority too_large")]
    [InlineData("""{"tags":{"$add":"a"}}""", "$.tags invalid_operation")]
    [InlineData("""{"tags":{"$add":[1]}}""", "$.tags invalid_operation")]
    [InlineData("""{"tags":{"$put":["a"]}}""", "$.tags invalid_operation")]
    [InlineData("""{"tags":{}}""", "$.tags invalid_operation")]
    [InlineData("""{"title":{"$increment":1}}""", "$.title wrong_type")]
    public async Task A_wrong_operation_is_refused(string patch, string error)
    {
        using var alice = await backend.NewUserAsync();
        var note = await RecordsApiTests.CreateNoteAsync(alice, """{"title":"a","likes":5,"tags":["x"]}""");

        var answer = await alice.PatchAsync($"/v1/data/notes/{note.Id}", patch);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
        Assert.Equal(note.ETag, (await alice.GetAsync($"/v1/data/notes/{note.Id}")).ETag);
    }
}
