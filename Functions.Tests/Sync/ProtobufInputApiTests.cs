using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Backend.Sync.V1;
using Functions.Tests.Fixtures;
using Google.Protobuf;
using static Functions.Tests.Sync.ProtobufExchange;

namespace Functions.Tests.Sync;

/// <summary>What is refused of an exchange in Protocol Buffers, and that the answer names every place and reason.</summary>
public sealed class ProtobufInputApiTests(BackendFixture backend)
{
    [Fact]
    public async Task An_answer_that_cannot_be_read_is_refused_before_anything_is_done()
    {
        using var user = await backend.NewUserAsync();
        var id = Guid.NewGuid().ToString("n");
        var request = RequestOf(user, JsonNode.Parse($$$"""[{"seq":1,"op":"put","collection":"notes","id":"{{{id}}}","fields":{"title":"a"}}]""")!.AsArray());

        (await SendAsync(user, request, MediaType, "text/html, application/json;q=0")).AssertProblem(HttpStatusCode.NotAcceptable, "not_acceptable");
        Assert.Equal(HttpStatusCode.NotFound, (await user.GetAsync($"/v1/data/notes/{id}")).Status);
        (await SendAsync(user, request, "text/plain")).AssertProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        (await SendAsync(user, request, "application/grpc")).AssertProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "FF", "$ malformed_protobuf" },
        { "0A05616C", "$ malformed_protobuf" },
        { "0A02C328", "$ malformed_protobuf" }, // no UTF-8
        { "0B", "$ malformed_protobuf" }, // a group that does not end
        { "00", "$ malformed_protobuf" },
        { "A20600", "$ unknown_field" },
        { "0801", "$ unknown_field" }, // the client as a number
        { "2203A20600", "$.pull[0] unknown_field" },
        { "1A00", "$.push[0].seq required" },
        { Hex(Deep(400)), "$ too_deep" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_is_no_request_is_refused_with_place_and_reason(string body, string error)
    {
        using var user = await backend.NewUserAsync();
        var answer = await SendAsync(user, Convert.FromHexString(body));

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task One_wrong_mutation_is_rejected_with_its_reasons_and_the_others_go_on()
    {
        using var user = await backend.NewUserAsync();
        var good = SyncWire.MutationOf(JsonNode.Parse("""{"op":"put","collection":"notes","id":"a","fields":{"title":"a"}}""")!.AsObject());
        var request = new SyncRequest { Client = "phone" };
        Action<Mutation>[] spoils =
        [
            static _ => { },
            static wrong => wrong.Collection = "",
            static wrong => wrong.Fields.Members["title"] = new Value(),
            static wrong => wrong.Fields.Members["title"] = new Value { Number = double.NaN },
            static wrong => wrong.Fields.Members["title"] = new Value { Decimal = " 1" },
            static wrong => wrong.Fields.Members["title"] = new Value { Decimal = "1,2" },
            static wrong => wrong.Stamp = ulong.MaxValue,
            static wrong => wrong.SentAt = long.MaxValue,
            static wrong => wrong.Fields.Members["title"] = Deep(29).Push[0].Fields.Members["a"],
            static wrong => wrong.MergeFrom(Convert.FromHexString("A20600")),
            static wrong => wrong.Fields.Members["title"] = Value.Parser.ParseFrom(Convert.FromHexString("A20600")),
        ];
        foreach (var (i, spoil) in spoils.Index())
        {
            var mutation = good.Clone();
            mutation.Seq = i + 1;
            spoil(mutation);
            request.Push.Add(mutation);
        }

        var answer = SyncResponse.Parser.ParseFrom((await SendAsync(user, request.ToByteArray())).Bytes);

        Assert.Equal(Status.Applied, answer.Results[0].Status);
        Assert.Equal(
            [
                "$.collection required", "$.fields.title required", "$.fields.title wrong_type", "$.fields.title wrong_type",
                "$.fields.title wrong_type", "$.stamp invalid_timestamp", "$.sentAt invalid_timestamp",
                $"$.fields.title{string.Concat(Enumerable.Repeat(".a", 28))} too_deep", "$ unknown_field", "$.fields.title unknown_field",
            ],
            answer.Results.Skip(1).SelectMany(result => result.Problem.Errors).Select(error => $"{error.Path} {error.Code}"));
        Assert.All(answer.Results.Skip(1), result => Assert.Equal(Status.Rejected, result.Status));
    }

    [Fact]
    public async Task The_deepest_JSON_that_is_taken_is_taken_and_limits_of_bytes_hold_compressed_or_not()
    {
        using var user = await backend.NewUserAsync();
        var deepest = Deep(28);
        deepest.Push[0].Collection = "notebooks";
        deepest.Push[0].Fields = new ObjectValue { Members = { ["name"] = new Value { Text = "n" }, ["settings"] = deepest.Push[0].Fields.Members["a"] } };
        var taken = SyncResponse.Parser.ParseFrom((await SendAsync(user, deepest.ToByteArray())).Bytes);
        Assert.Equal(Status.Applied, taken.Results[0].Status);

        var large = new byte[2 * 1_048_576];
        (await SendAsync(user, large)).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        (await SendAsync(user, Gzip(large), encoding: "gzip")).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        (await SendAsync(user, [1, 2, 3], encoding: "gzip")).AssertProblem(HttpStatusCode.BadRequest, "validation_failed");

        var compressed = await SendAsync(user, Gzip(SyncWire.RequestOf(Pull(user, null, 10)).ToByteArray()), encoding: "gzip", accepts: "gzip");
        Assert.Equal("gzip", compressed.Headers["Content-Encoding"]);
        using var plain = new GZipStream(new MemoryStream(compressed.Bytes), CompressionMode.Decompress);
        Assert.Equal(user.Scope, SyncResponse.Parser.ParseFrom(plain).Changes[0].Scope);
    }

    [Fact]
    public async Task Whatever_bytes_are_sent_the_server_does_not_fail()
    {
        using var user = await backend.NewUserAsync();
        var random = new Random(7);
        var whole = SyncWire.RequestOf(RequestOf(user, ProtobufApiTests.QueueOf("a", "b"))).ToByteArray();
        for (var i = 0; i < 300; i++)
        {
            var bytes = i % 3 == 0 ? new byte[random.Next(200)] : whole.ToArray();
            if (i % 3 == 0)
            {
                random.NextBytes(bytes);
            }

            for (var change = random.Next(1, 6); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var answer = await SendAsync(user, bytes, MediaType, i % 2 == 0 ? MediaType : "application/json");
            Assert.True((int)answer.Status < 500, $"{answer.Status} for {Convert.ToHexString(bytes)}");
        }
    }

    /// <summary>A mutation whose only field has so many objects in each other.</summary>
    private static SyncRequest Deep(int depth)
    {
        var value = new Value { Text = "a" };
        for (; depth > 0; depth--)
        {
            value = new Value { Object = new ObjectValue { Members = { ["a"] = value } } };
        }

        return new SyncRequest
        {
            Client = "phone",
            Push = { new Mutation { Seq = 1, Op = Op.Put, Collection = "notes", Id = "deep", Fields = new ObjectValue { Members = { ["a"] = value } } } },
        };
    }

    private static string Hex(SyncRequest request) => Convert.ToHexString(request.ToByteArray());

    private static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return buffer.ToArray();
    }
}
