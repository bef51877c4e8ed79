using System.Net;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Records;

/// <summary>What is refused, and that the answer names every place and reason.</summary>
public sealed class RecordInputApiTests(BackendFixture backend)
{
    public static TheoryData<string, string, string[]> Refused => new()
    {
        { "notes", """{}""", ["$.title required"] },
        { "notes", """{"title":null}""", ["$.title required"] },
        { "notes", """{"title":5}""", ["$.title wrong_type"] },
        { "notes", """{"title":"a","nope":1}""", ["$.nope unknown_field"] },
        { "notes", """{"title":5,"nope":1,"done":"x"}""", ["$.title wrong_type", "$.nope unknown_field", "$.done wrong_type"] },
        { "notes", """{"title":"a","owner":"bob"}""", ["$.owner read_only"] },
        { "notes", """{"title":"a","etag":"1","deleted":true}""", ["$.etag read_only", "$.deleted read_only"] },
        { "notes", """{"title":"a","priority":6}""", ["$.priority too_large"] },
        { "notes", """{"title":"a","priority":-1}""", ["$.priority too_small"] },
        { "notes", """{"title":"a","priority":1.5}""", ["$.priority wrong_type"] },
        { "notes", """{"title":"a","likes":99999999999999999999}""", ["$.likes wrong_type"] },
        { "notes", """{"title":"a","dueAt":"yesterday"}""", ["$.dueAt wrong_type"] },
        { "notes", """{"title":"a","dueAt":"2026-01-01T00:00:00"}""", ["$.dueAt wrong_type"] },
        { "notes", """{"title":"a","dueAt":"2026-02-30T00:00:00Z"}""", ["$.dueAt wrong_type"] },
        { "notes", """{"title":"a","tags":"bird"}""", ["$.tags wrong_type"] },
        { "notes", """{"title":"a","tags":["bird","bird"]}""", ["$.tags duplicate"] },
        { "notes", """{"title":"a","tags":[1]}""", ["$.tags wrong_type"] },
        { "notes", """{"title":"a","notebook":"no id!"}""", ["$.notebook wrong_type"] },
        { "notes", """{"title":"a","photo":7}""", ["$.photo wrong_type"] },
        { "notes", """{"id":"a/b","title":"a"}""", ["$.id invalid_id"] },
        { "notes", """{"id":7,"title":"a"}""", ["$.id wrong_type"] },
        { "notes", """{"title":"a","title":"b"}""", ["$.title duplicate_field"] },
        { "notes", """{"title":"a","tags":["a",}""", ["$.tags[0] malformed_json"] },
        { "notes", """{"title":""", ["$.title malformed_json"] },
        { "notes", """{"title":"\ud800"}""", ["$.title malformed_json"] },
        { "notes", """{"title":"a","tags":["b","\uDC00x"]}""", ["$.tags[1] malformed_json"] },
        { "notes", """{"ti\ud83dtle":"a"}""", ["$ malformed_json"] },
        { "notes", "", ["$ malformed_json"] },
        { "notes", "[]", ["$ wrong_type"] },
        { "notebooks", """{"name":"n","settings":{"a":["\ud800"]}}""", ["$.settings.a[0] malformed_json"] },
        { "notebooks", """{"name":"n","settings":1e400}""", ["$.settings too_large"] },
        { "notebooks", """{"name":"n","settings":{"a":[1,{"b":-1e400}]}}""", ["$.settings too_large"] },
        { "notebooks", """{"name":"n","color":"red"}""", ["$.color pattern_mismatch"] },
        { "notebooks", """{"name":"n","color":"#aabbcc\n"}""", ["$.color pattern_mismatch"] },
        { "orders", """{"item":"boat","quantity":1}""", ["$.item not_in_enum"] },
        { "orders", """{"item":"pencil","quantity":1,"price":1}""", ["$.price server_only"] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Bad_input_is_refused_with_every_place_and_reason(string collection, string body, string[] errors)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync($"/v1/data/{collection}", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(errors, answer.Errors);
        Assert.Empty((await alice.PullAsync()).Records);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused_where_they_are()
    {
        using var alice = await backend.NewUserAsync();
        byte[] body = [.. "{\"title\":\"a\",\"body\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");

        var answer = await alice.SendAsync(HttpMethod.Post, "/v1/data/notes", content);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal(["$.body malformed_json"], answer.Errors);
    }

    [Fact]
    public async Task Text_of_any_language_survives_unchanged()
    {
        using var alice = await backend.NewUserAsync();
        const string Title = "Füße — 鳥 🐦 \\\" \u0007 ‮ זה";

        var created = await alice.PostAsync(
            "/v1/data/notes", new System.Text.Json.Nodes.JsonObject { ["title"] = Title }.ToJsonString());

        Assert.Equal(Title, (await alice.GetAsync($"/v1/data/notes/{created.Id}")).Json.GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused()
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/data/notes", $$"""{"title":"{{new string('x', 201)}}"}""");

        Assert.Equal(["$.title too_long"], answer.Errors);
    }

    [Fact]
    public async Task JSON_that_is_nested_too_deep_is_refused_naming_the_place()
    {
        using var alice = await backend.NewUserAsync();
        var body = $$$"""{"name":"n","settings":{{{new string('[', 40)}}}{{{new string(']', 40)}}}}""";

        var answer = await alice.PostAsync("/v1/data/notebooks", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.StartsWith("$.settings[0][0]", answer.Errors[0], StringComparison.Ordinal);
        Assert.EndsWith(" too_deep", answer.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_with_413()
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/data/notes", $$"""{"title":"a","body":"{{new string('x', 1_100_000)}}"}""");

        answer.AssertProblem(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
    }

    [Fact]
    public async Task A_body_that_inflates_beyond_the_limit_is_refused_with_413()
    {
        using var alice = await backend.NewUserAsync();
        using var content = Compressed($$"""{"title":"a","body":"{{new string('x', 50_000_000)}}"}""");

        var answer = await alice.SendAsync(HttpMethod.Post, "/v1/data/notes", content);

        answer.AssertProblem(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
    }

    [Fact]
    public async Task A_gzipped_body_is_read()
    {
        using var alice = await backend.NewUserAsync();
        using var content = Compressed("""{"title":"small"}""");

        Assert.Equal(HttpStatusCode.Created, (await alice.SendAsync(HttpMethod.Post, "/v1/data/notes", content)).Status);
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_encoding_says_is_refused()
    {
        using var alice = await backend.NewUserAsync();
        using var broken = ApiClient.Json("""{"title":"plain"}""");
        broken.Headers.ContentEncoding.Add("gzip");
        using var unknown = ApiClient.Json("""{"title":"plain"}""");
        unknown.Headers.ContentEncoding.Add("zstd");

        Assert.Equal(["$ malformed_encoding"], (await alice.SendAsync(HttpMethod.Post, "/v1/data/notes", broken)).Errors);
        (await alice.SendAsync(HttpMethod.Post, "/v1/data/notes", unknown))
            .AssertProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task A_body_that_is_not_declared_as_json_is_refused_with_415()
    {
        using var alice = await backend.NewUserAsync();
        using var content = new StringContent("""{"title":"a"}""", System.Text.Encoding.UTF8, "text/plain");

        (await alice.SendAsync(HttpMethod.Post, "/v1/data/notes", content))
            .AssertProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task An_immutable_value_cannot_be_changed_or_removed()
    {
        using var alice = await backend.NewUserAsync();
        var comment = await alice.PostAsync("/v1/data/comments", """{"note":"n1","text":"a"}""");
        var path = $"/v1/data/comments/{comment.Id}";

        Assert.Equal(["$.note immutable"], (await alice.PatchAsync(path, """{"note":"n2"}""")).Errors);
        Assert.Equal(["$.note immutable", "$.note required"], (await alice.PatchAsync(path, """{"note":null}""")).Errors);
        Assert.Equal(HttpStatusCode.OK, (await alice.PatchAsync(path, """{"note":"n1","text":"b"}""")).Status);
    }

    [Fact]
    public async Task An_operation_without_a_rule_is_denied()
    {
        using var alice = await backend.NewUserAsync();
        var order = await alice.PostAsync("/v1/data/orders", """{"item":"pencil","quantity":2}""");

        (await alice.PatchAsync($"/v1/data/orders/{order.Id}", """{"quantity":3}""")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
        (await alice.DeleteAsync($"/v1/data/orders/{order.Id}")).AssertProblem(HttpStatusCode.Forbidden, "forbidden");
    }

    private static ByteArrayContent Compressed(string json)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(buffer, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(json));
        }

        var content = new ByteArrayContent(buffer.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }
}
