using System.Net;
using System.Security.Cryptography;
using Functions.Tests.Fixtures;
using Functions.Tests.Media;

namespace Functions.Tests.Sync;

/// <summary>Files of mutations, over HTTP.</summary>
public sealed class SyncBatchApiTests(BackendFixture backend)
{
    [Fact]
    public async Task A_batch_is_applied_as_pushes_are_and_every_line_has_its_result()
    {
        using var alice = await backend.NewUserAsync();
        const int Notes = 700;
        var lines = Enumerable.Range(1, Notes).Select(i => SyncBatch.Line(i, "put", $"n{i}", $$"""{"title":"note {{i}}","likes":1}"""))
            .Concat(Enumerable.Range(1, Notes).Select(i =>
                SyncBatch.Line(Notes + i, "patch", $"n{i}", """{"likes":{"$increment":2}}""")))
            .Append(SyncBatch.Line((2 * Notes) + 1, "delete", "n1"));
        var id = await SyncBatch.UploadAsync(alice, SyncBatch.File(lines), "phone");

        var batch = await SyncBatch.WaitAsync(alice, id);

        Assert.Equal("completed", batch.GetProperty("state").GetString());
        var progress = batch.GetProperty("progress");
        Assert.Equal(
            ((2 * Notes) + 1, (2 * Notes) + 1, (2 * Notes) + 1),
            (progress.GetProperty("lines").GetInt32(), progress.GetProperty("done").GetInt32(), progress.GetProperty("applied").GetInt32()));
        var results = await SyncBatch.ResultsAsync(alice, id);
        Assert.Equal(Enumerable.Range(1, (2 * Notes) + 1), results.Select(result => result.GetProperty("line").GetInt32()));
        Assert.Equal(results.Select(result => result.GetProperty("line").GetInt64()), results.Select(result => result.GetProperty("seq").GetInt64()));
        Assert.All(results, result => Assert.Equal("applied", SyncBatch.StatusOf(result)));
        Assert.Equal(3, (await alice.GetAsync("/v1/data/notes/n2")).Json.GetProperty("likes").GetInt32());
        Assert.Equal(3, (await alice.GetAsync($"/v1/data/notes/n{Notes}")).Json.GetProperty("likes").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync("/v1/data/notes/n1")).Status);
    }

    [Fact]
    public async Task A_line_that_makes_no_sense_is_rejected_with_its_number_and_the_others_go_through()
    {
        using var alice = await backend.NewUserAsync();
        string[] lines =
        [
            SyncBatch.Line(1, "put", "a", """{"title":"a"}"""),
            "{not json",
            "",
            "[1]",
            """{"op":"put","collection":"notes","id":"b","fields":{"title":"b"}}""",
            SyncBatch.Line(2, "put", "c", """{"title":7}"""),
            SyncBatch.Line(2, "put", "d", """{"title":"d"}"""),
            """{"seq":3,"op":"put","collection":"notes","id":"e","fields":{"title":"e"},"colour":"red"}""",
            SyncBatch.Line(4, "shout", "f", """{"title":"f"}"""),
            """{"seq":5,"seq":6,"op":"put","collection":"notes","id":"g","fields":{"title":"g"}}""",
            SyncBatch.Line(7, "put", "h", """{"title":"h"}""", collection: "rocks"),
            SyncBatch.Line(8, "put", "i", """{"title":"i"}"""),
            "{\"seq\":9,\"op\":\"put\",\"collection\":\"notes\",\"id\":\"j\",\"fields\":{\"title\":\"\\ud800\"}}",
        ];
        var id = await SyncBatch.UploadAsync(alice, SyncBatch.File(lines), "phone");

        var batch = await SyncBatch.WaitAsync(alice, id);

        Assert.Equal("completed", batch.GetProperty("state").GetString());
        Assert.Equal(2, batch.GetProperty("progress").GetProperty("applied").GetInt32());
        Assert.Equal(10, batch.GetProperty("progress").GetProperty("rejected").GetInt32());
        var results = (await SyncBatch.ResultsAsync(alice, id)).ToDictionary(result => result.GetProperty("line").GetInt32());
        Assert.Equal([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], results.Keys.Order());
        Assert.Equal("applied", SyncBatch.StatusOf(results[1]));
        Assert.Equal("applied", SyncBatch.StatusOf(results[12]));
        Assert.Equal("malformed_json", SyncBatch.CodeOf(results[2]));
        Assert.Equal("required", SyncBatch.CodeOf(results[4]));
        Assert.Equal("required", SyncBatch.CodeOf(results[5]));
        Assert.Equal("wrong_type", SyncBatch.CodeOf(results[6]));
        Assert.Equal("not_ascending", SyncBatch.CodeOf(results[7]));
        Assert.Equal("unknown_field", SyncBatch.CodeOf(results[8]));
        Assert.Equal("unknown_operation", SyncBatch.CodeOf(results[9]));
        Assert.Equal("duplicate_field", SyncBatch.CodeOf(results[10]));
        Assert.Equal("collection_not_found", SyncBatch.CodeOf(results[11]));
        Assert.Equal("malformed_json", SyncBatch.CodeOf(results[13]));
        Assert.False(results[2].TryGetProperty("seq", out _));
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync("/v1/data/notes/i")).Status);
    }

    [Fact]
    public async Task A_group_is_whole_wherever_it_stands_and_none_where_it_cannot_be()
    {
        using var alice = await backend.NewUserAsync();
        var seq = 0L;
        // The first group lies across the end of the first chunk.
        var lines = Enumerable.Range(0, 497).Select(i => SyncBatch.Line(++seq, "put", $"n{i}", """{"title":"n"}""")).ToList();
        lines.AddRange(Enumerable.Range(0, 9).Select(i => SyncBatch.Line(++seq, "put", $"whole{i}", """{"title":"g"}""", "whole")));
        lines.Add(SyncBatch.Line(++seq, "put", "bad1", """{"title":"g"}""", "bad"));
        lines.Add(SyncBatch.Line(++seq, "put", "bad2", """{"title":7}""", "bad"));
        lines.Add(SyncBatch.Line(++seq, "put", "broken1", """{"title":"g"}""", "broken"));
        lines.Add("{oh");
        lines.Add(SyncBatch.Line(++seq, "put", "broken2", """{"title":"g"}""", "broken"));
        lines.AddRange(Enumerable.Range(0, 120).Select(i => SyncBatch.Line(++seq, "put", $"large{i}", """{"title":"g"}""", "large")));
        var id = await SyncBatch.UploadAsync(alice, SyncBatch.File(lines), "phone");

        await SyncBatch.WaitAsync(alice, id);

        var results = (await SyncBatch.ResultsAsync(alice, id)).ToList();
        Assert.Equal(lines.Count, results.Count);
        Assert.All(results[..506], result => Assert.Equal("applied", SyncBatch.StatusOf(result)));
        Assert.All(results[506..], result => Assert.Equal("rejected", SyncBatch.StatusOf(result)));
        Assert.Equal("not_adjacent", SyncBatch.CodeOf(results[508]));
        Assert.Equal("not_adjacent", SyncBatch.CodeOf(results[510]));
        Assert.All(results[511..], result => Assert.Equal("group_too_large", SyncBatch.CodeOf(result)));
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync("/v1/data/notes/whole8")).Status);
        foreach (var absent in new[] { "bad1", "broken1", "large0", "large119" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync($"/v1/data/notes/{absent}")).Status);
        }
    }

    [Fact]
    public async Task What_was_pushed_before_is_known_to_a_batch_and_what_a_batch_had_to_a_push()
    {
        using var alice = await backend.NewUserAsync();
        var put = SyncBatch.Line(1, "put", "a", """{"title":"a","likes":0}""");
        var like = SyncBatch.Line(2, "patch", "a", """{"likes":{"$increment":1}}""");
        var push = $$"""{"client":"phone","push":[{{put}},{{like}}]}""";
        await alice.PostAsync("/v1/sync", push);
        var id = await SyncBatch.UploadAsync(
            alice, SyncBatch.File(put, like, SyncBatch.Line(3, "patch", "a", """{"likes":{"$increment":1}}""")), "phone");
        await SyncBatch.WaitAsync(alice, id);
        await alice.PostAsync("/v1/sync", push);

        Assert.Equal(2, (await alice.GetAsync("/v1/data/notes/a")).Json.GetProperty("likes").GetInt32());
        Assert.All(await SyncBatch.ResultsAsync(alice, id), result => Assert.Equal("applied", SyncBatch.StatusOf(result)));
    }

    [Fact]
    public async Task A_file_that_is_not_the_announced_one_is_not_applied()
    {
        using var alice = await backend.NewUserAsync();
        var file = SyncBatch.File(SyncBatch.Line(1, "put", "a", """{"title":"a"}"""));
        var slot = await SyncBatch.AnnounceAsync(alice, file, "phone", Convert.ToHexStringLower(SHA256.HashData("other"u8)));
        await MediaUpload.PutAsync(slot, file);

        var batch = await SyncBatch.WaitAsync(alice, slot.Id);

        Assert.Equal(("failed", "hash_mismatch"), (batch.GetProperty("state").GetString(), batch.GetProperty("reason").GetString()));
        Assert.Empty(await SyncBatch.ResultsAsync(alice, slot.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync("/v1/data/notes/a")).Status);

        // The client is free again.
        var second = await SyncBatch.AnnounceAsync(alice, file, "phone", Convert.ToHexStringLower(SHA256.HashData(file)));
        await MediaUpload.PutAsync(second, file);
        Assert.Equal("completed", (await SyncBatch.WaitAsync(alice, second.Id)).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("""{"client":"phone","size":0}""", "$.size out_of_range")]
    [InlineData("""{"client":"phone","size":999999999999}""", "$.size out_of_range")]
    [InlineData("""{"client":"a b","size":1}""", "$.client invalid_id")]
    [InlineData("""{"client":"phone","size":1,"sha256":"xyz"}""", "$.sha256 invalid_hash")]
    [InlineData("""{"client":"phone","size":1,"schema":9999}""", "$.schema out_of_range")]
    [InlineData("""{"size":1}""", "$ required")]
    [InlineData("""{"client":"phone","size":1,"colour":"red"}""", "$.colour unknown_field")]
    public async Task A_wrong_announcement_is_refused_at_its_place(string body, string error)
    {
        using var alice = await backend.NewUserAsync();
        var answer = await alice.PostAsync("/v1/sync/batches", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(error, answer.Errors);
    }

    [Fact]
    public async Task A_client_has_one_batch_at_a_time_and_can_give_it_up()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        var first = (await SyncBatch.TryAnnounceAsync(alice, 10, "phone")).Id;

        (await SyncBatch.TryAnnounceAsync(alice, 10, "phone")).AssertProblem(HttpStatusCode.Conflict, "batch_in_progress");
        Assert.Equal(HttpStatusCode.Created, (await SyncBatch.TryAnnounceAsync(alice, 10, "tablet")).Status);
        (await alice.GetAsync($"/v1/sync/batches/{first}/results")).AssertProblem(HttpStatusCode.Conflict, "batch_in_progress");

        // Nobody else's.
        (await bob.GetAsync($"/v1/sync/batches/{first}")).AssertProblem(HttpStatusCode.NotFound, "sync_batch_not_found");
        (await bob.DeleteAsync($"/v1/sync/batches/{first}")).AssertProblem(HttpStatusCode.NotFound, "sync_batch_not_found");
        (await alice.GetAsync("/v1/sync/batches/open")).AssertProblem(HttpStatusCode.NotFound, "sync_batch_not_found");

        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync($"/v1/sync/batches/{first}")).Status);
        Assert.Equal("canceled", (await alice.GetAsync($"/v1/sync/batches/{first}")).Json.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Created, (await SyncBatch.TryAnnounceAsync(alice, 10, "phone")).Status);
    }

    [Fact]
    public async Task A_file_that_comes_after_its_batch_was_given_up_is_not_applied()
    {
        using var alice = await backend.NewUserAsync();
        var file = SyncBatch.File(SyncBatch.Line(1, "put", "late", """{"title":"a"}"""));
        var slot = await SyncBatch.AnnounceAsync(alice, file, "phone");
        await alice.DeleteAsync($"/v1/sync/batches/{slot.Id}");
        await MediaUpload.PutAsync(slot, file);

        // Another batch's completion tells that events of before have been looked at.
        await SyncBatch.WaitAsync(alice, await SyncBatch.UploadAsync(alice, SyncBatch.File(SyncBatch.Line(2, "put", "b", """{"title":"b"}""")), "phone"));
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync("/v1/data/notes/late")).Status);
    }
}
