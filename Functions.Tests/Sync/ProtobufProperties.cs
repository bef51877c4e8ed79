using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Backend.Http;
using Backend.Merging;
using Backend.Records;
using Backend.Sync;
using Backend.Sync.Protobuf;
using Backend.Sync.Pull;
using Backend.Sync.Push;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Functions.Tests.Sync;

/// <summary>Whatever is said in JSON is said in Protocol Buffers, and is the same behind the wire.</summary>
public sealed class ProtobufProperties
{
    private const int MaxDepth = 32;

    private static readonly Gen<string> Names = Gen.Elements("title", "likes", "tags", "ö", "a b", "$increment", "", "\u0001\"\\", "🐦",
        new string('x', 127), new string('ü', 64), new string('\n', 9_000), new string('y', 20_000));

    private static readonly Gen<string> Numbers = Gen.OneOf(
        Gen.Elements(
            "0", "-0", "1.10", "1e3", "1E+3", "-1.5e-7", "0.1", "100000000000000000000", "9223372036854775807", "9223372036854775808",
            "-9223372036854775808", "123456789.123456789123456789", "1e400", "1E+16", "5E-324"),
        from number in ArbMap.Default.GeneratorFor<long>() select number.ToString(CultureInfo.InvariantCulture),
        from number in ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite) select number.ToString("R", CultureInfo.InvariantCulture));

    private static readonly Gen<string> Simple = Gen.OneOf(
        Numbers, Gen.Elements("true", "false", "null"), from text in Names select Quote(text));

    private static readonly Gen<string> Operations = Gen.OneOf(
        from step in ArbMap.Default.GeneratorFor<long>() select $$$"""{"$increment":{{{step}}}}""",
        from added in Gen.ListOf(Names, 2) from removed in Gen.ListOf(Names, 1)
            select $$$"""{"$add":[{{{string.Join(',', added.Select(Quote))}}}],"$remove":[{{{string.Join(',', removed.Select(Quote))}}}]}""",
        Gen.Constant("""{"$add":[]}"""));

    private static readonly Gen<string> Stamps = Gen.Elements("0000000000000000", "019ca90e46780002", "7fffffffffffffff", "ffffffffffffffff");

    private static readonly Gen<JsonObject> Mutations =
        from seq in Gen.Choose(1, 1000)
        from op in Gen.Elements("put", "patch", "delete", "burn")
        from id in Gen.Elements("heron-1", "no id", "")
        from members in Optional(
            from scope in Gen.Elements("user/alice", "public/x", "") from fields in Fields(3)
            from stamp in Stamps from known in Stamps from rest in Gen.Elements("group", "sentAt", "none")
            select new JsonObject
            {
                ["scope"] = scope, ["fields"] = JsonNode.Parse(fields), ["stamp"] = stamp, ["base"] = known,
                [rest] = rest switch { "group" => "g", "sentAt" => "2026-05-17T08:31:00.123Z", _ => null },
            })
        select Mutation(seq, op, id, members);

    private static readonly Gen<SyncOutcome.Done> Outcomes =
        from results in Gen.ListOf(Results(), 3)
        from scopes in Gen.ListOf(Scopes(), 2)
        from time in Times()
        select new SyncOutcome.Done(results, scopes, time);

    [Fact]
    public void A_mutation_is_the_same_whichever_way_it_came() => Check(5_000, Mutations, mutation =>
    {
        var errors = new List<FieldError>();
        var inJson = SyncJson.Read(JsonElement.Parse(mutation.ToJsonString()), 0, errors);
        var inProtobuf = Assert.Single(SyncProtobuf.Read(
            new Backend.Sync.V1.SyncRequest { Push = { SyncWire.MutationOf(mutation) } }.ToByteArray(), MaxDepth).Push);
        Assert.Empty(errors);
        Assert.Equal(Show(inJson), Show(inProtobuf));
    });

    [Fact]
    public void An_answer_says_the_same_whichever_way_it_goes() => Check(2_000, Outcomes, outcome =>
    {
        var answer = Backend.Sync.V1.SyncResponse.Parser.ParseFrom(ProtobufResult.Write(outcome).Span);

        Assert.Equal(
            JsonNode.Parse(InJson(outcome))!.ToJsonString(),
            SyncWire.JsonOf(answer).ToJsonString());
    });

    [Fact]
    public void Values_come_back_as_the_text_that_they_were() => Check(5_000, Fields(4), fields =>
    {
        Assert.Null(ValuesToJson.TryConvert(InProtobuf(fields), 1, MaxDepth, out var json));
        Assert.Equal(Normal(JsonElement.Parse(fields)), Normal(json));
    });

    [Theory]
    [InlineData("5", "{ \"integer\": \"5\" }")]
    [InlineData("-3", "{ \"integer\": \"-3\" }")]
    [InlineData("0.1", "{ \"number\": 0.1 }")]
    [InlineData("1.10", "{ \"decimal\": \"1.10\" }")]
    [InlineData("-0", "{ \"number\": -0 }")]
    [InlineData("12345678901234567890", "{ \"decimal\": \"12345678901234567890\" }")]
    [InlineData("1e400", "{ \"decimal\": \"1e400\" }")]
    public void A_number_takes_the_smallest_kind_that_keeps_it(string json, string value) =>
        Assert.Equal(value, InProtobuf($$"""{"n":{{json}}}""").Members["n"].ToString());

    [Fact]
    public void Bytes_of_chance_and_messages_that_were_tampered_with_are_a_request_or_a_refusal() => Check(
        20_000,
        from mutations in Gen.ListOf(Mutations, 2)
        from changes in Gen.ListOf(Gen.Choose(0, 255), 4)
        from seed in Gen.Choose(0, int.MaxValue)
        select (mutations, changes, seed),
        chance =>
        {
            var random = new Random(chance.seed);
            var message = new Backend.Sync.V1.SyncRequest { Client = "phone" };
            message.Push.AddRange(chance.mutations.Select(SyncWire.MutationOf));
            message.Pull.Add(new Backend.Sync.V1.Pull { Scope = "user/alice", Cursor = "MTU", Collections = { "notes" } });
            var bytes = chance.seed % 5 == 0 ? new byte[random.Next(64)] : message.ToByteArray();
            if (chance.seed % 5 == 0)
            {
                random.NextBytes(bytes);
            }

            foreach (var change in bytes.Length == 0 ? [] : chance.changes)
            {
                bytes[random.Next(bytes.Length)] = (byte)change;
            }

            try
            {
                SyncProtobuf.Read(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length + 1) : bytes.Length), MaxDepth);
            }
            catch (RequestException exception)
            {
                Assert.Equal(400, exception.Problem.StatusCode);
            }
        });

    private static void Check<T>(int count, Gen<T> gen, Action<T> check) =>
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(Arb.From(gen), check));

    private static Gen<JsonObject> Optional(Gen<JsonObject> gen) =>
        from full in gen from keep in Gen.Choose(0, 63)
        select new JsonObject(full.Where((_, i) => (keep >> i & 1) == 1).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

    private static JsonObject Mutation(int seq, string op, string id, JsonObject members)
    {
        var mutation = new JsonObject { ["seq"] = seq, ["op"] = op, ["collection"] = "notes", ["id"] = id };
        foreach (var (name, value) in members.Where(member => member.Value is not null))
        {
            mutation[name] = value!.DeepClone(); // the condition
        }

        return mutation;
    }

    private static Gen<string> Values(int depth) => depth == 0 ? Simple : Gen.Frequency(
        (4, Simple),
        (1, Operations),
        (1, from elements in Gen.ListOf(Values(depth - 1), 2) select $"[{string.Join(',', elements)}]"),
        (1, Fields(depth - 1)));

    private static Gen<string> Fields(int depth) =>
        from names in Gen.ListOf(Names, 3)
        from values in Gen.ListOf(Values(depth), 3)
        from count in Gen.Choose(0, 3)
        select $"{{{string.Join(',', names.Zip(values).Take(count).DistinctBy(member => member.First).Select(member => $"{Quote(member.First)}:{member.Second}"))}}}";

    private static Gen<DateTimeOffset> Times() =>
        from ticks in Gen.Choose(0, int.MaxValue) select DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000).AddTicks(ticks * 7919L);

    private static Gen<StoredRecord> Records() =>
        from fields in Fields(2) from created in Times() from updated in Times() from deleted in Gen.Elements(true, false)
        from id in Gen.Elements("heron-1", "owl_2")
        select new StoredRecord
        {
            Key = new RecordKey(Scope.ForUser("alice"), "notes", RecordId.TryParse(id, out var read) ? read : default),
            Owner = "alice",
            CreatedAt = created,
            UpdatedAt = updated,
            Deleted = deleted,
            ETag = new ETag("17"),
            // Only the names that a model can have are beside the reserved ones.
            Fields = new RecordFields(Encoding.UTF8.GetBytes(fields)),
        };

    private static Gen<MutationResult> Results() =>
        from status in Gen.Elements(Enum.GetValues<MutationStatus>())
        from version in Gen.Elements(0L, 1L, long.MaxValue)
        from record in Records()
        from has in Gen.Choose(0, 15)
        select new MutationResult(has + 1, status)
        {
            Version = (has & 1) == 0 ? null : new HybridTimestamp(version),
            Stamp = (has & 2) == 0 ? null : new HybridTimestamp(version),
            Record = (has & 4) == 0 ? null : record,
            Problem = (has & 8) == 0 ? null : new MutationProblem(
                422, "code", "detail", (has & 1) == 0 ? null : [new FieldError("$.title", "too_long", "Too long.")]),
        };

    private static Gen<ScopeChanges> Scopes() =>
        from cursor in Gen.Elements(null, "", "MTU.x")
        from records in Gen.ListOf(Records(), 3)
        from removed in Gen.ListOf(Records(), 1)
        from flags in Gen.Choose(0, 31)
        select new ScopeChanges(Scope.ForUser("alice"), cursor, (flags & 1) == 1, records, removed)
        {
            IsRevoked = (flags & 2) == 2,
            NeedsResync = (flags & 4) == 4,
            Checksums = (flags & 8) == 0 ? null
                : (flags & 16) == 0 ? []
                : [new CollectionChecksum("notes", 7, "6b0f4f2f4ac9d4c1a8f3b6f0b2a94c55")],
        };

    private static byte[] InJson(SyncOutcome.Done outcome)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Response.Body = body;
        new SyncResult(outcome).ExecuteAsync(context).GetAwaiter().GetResult();
        return body.ToArray();
    }

    private static Backend.Sync.V1.ObjectValue InProtobuf(string fields)
    {
        var writer = new MessageWriter(capacity: 1);
        JsonToValues.WriteMembers(writer, Backend.Sync.V1.ObjectValue.MembersFieldNumber, Encoding.UTF8.GetBytes(fields));
        return Backend.Sync.V1.ObjectValue.Parser.ParseFrom(writer.Written.Span);
    }

    private static string Show(PushedMutation mutation) => string.Join(
        '\n',
        mutation.Seq, mutation.Op, mutation.Collection, mutation.Id == default ? "" : mutation.Id.Value, mutation.Scope, Normal(mutation.Fields), mutation.Stamp, mutation.Base,
        mutation.Group, mutation.SentAt?.ToString("O"), string.Join(';', mutation.Errors));

    /// <summary>The same text for what differs by nothing but escapes.</summary>
    private static string Normal(JsonElement json) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(JsonNode.Parse(json.GetRawText())!.ToJsonString()));

    private static string Quote(string text) => JsonValue.Create(text)!.ToJsonString();
}
