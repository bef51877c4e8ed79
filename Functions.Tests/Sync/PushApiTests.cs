using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Sync;

/// <summary>What becomes of mutations, seen from outside.</summary>
public class PushApiTests(BackendFixture backend)
{
    private static readonly string[] Taken = ["applied", "merged"];

    private static readonly DateTimeOffset Morning = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_pushed_record_is_there_for_the_data_API_and_in_the_pull_of_the_same_exchange()
    {
        var phone = await DeviceAsync();
        var id = NewId();

        var answer = await phone.ExchangeAsync(
            [phone.Put(id, """{"title":"Grey heron","tags":["bird"],"likes":3}""")],
            new JsonObject { ["scope"] = phone.User.Scope, ["cursor"] = null });

        var result = answer.GetProperty("results")[0];
        Assert.Equal("applied", result.GetProperty("status").GetString());
        var pulled = answer.GetProperty("changes")[0].GetProperty("records")[0];
        Assert.Equal(("notes", id), (pulled.GetProperty("collection").GetString(), pulled.GetProperty("id").GetString()));
        Assert.Equal(result.GetProperty("version").GetString(), pulled.GetProperty("$version").GetString());
        var record = await phone.ReadAsync(id);
        Assert.Equal(("Grey heron", 3), (record.GetProperty("title").GetString(), record.GetProperty("likes").GetInt32()));
        Assert.False(record.TryGetProperty("$version", out _));
        Assert.False(record.GetProperty("done").GetBoolean()); // a default
    }

    [Fact]
    public async Task A_mutation_that_comes_again_has_no_further_effect_and_the_same_kind_of_result()
    {
        var phone = await DeviceAsync();
        var id = NewId();
        var create = phone.Put(id, """{"title":"a"}""");
        var like = phone.Patch(id, """{"likes":{"$increment":1}}""");
        JsonObject[] queue = [create, like];
        await phone.PushAsync(queue);

        for (var i = 0; i < 3; i++)
        {
            Assert.All(await phone.PushAsync(queue), result => Assert.Equal("applied", result.GetProperty("status").GetString()));
        }

        await phone.PushAsync(phone.Patch(id, """{"likes":{"$increment":10}}"""), "applied");
        Assert.All(await phone.PushAsync(queue), result => Assert.Equal("applied", result.GetProperty("status").GetString()));
        Assert.Equal(11, (await phone.ReadAsync(id)).GetProperty("likes").GetInt32());
    }

    [Fact]
    public async Task The_same_push_many_times_at_once_counts_once()
    {
        var phone = await DeviceAsync();
        var id = NewId();
        JsonObject[] queue = [phone.Put(id, """{"title":"a"}"""), phone.Patch(id, """{"likes":{"$increment":1}}""")];

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => phone.PushAsync(queue)));

        Assert.All(answers.SelectMany(results => results), result => Assert.Equal("applied", result.GetProperty("status").GetString()));
        Assert.Equal(1, (await phone.ReadAsync(id)).GetProperty("likes").GetInt32());
    }

    [Fact]
    public async Task Fields_merge_one_by_one_and_the_later_stamp_stands_whichever_comes_first()
    {
        var (phone, tablet) = await TwoDevicesAsync();
        foreach (var phoneFirst in new[] { true, false })
        {
            var id = NewId();
            var created = await phone.PushAsync(SyncDevice.At(phone.Put(id, """{"title":"a","body":"b"}"""), Morning), "applied");
            var version = created.GetProperty("version").GetString() ?? "";
            var early = SyncDevice.On(SyncDevice.At(phone.Patch(id, """{"title":"early","body":"phone"}"""), Morning.AddMinutes(1)), version);
            var late = SyncDevice.On(SyncDevice.At(tablet.Patch(id, """{"title":"late","done":true}"""), Morning.AddMinutes(2)), version);

            await (phoneFirst ? phone.PushAsync(early, "applied") : tablet.PushAsync(late, "applied"));
            var second = await (phoneFirst ? tablet.PushAsync(late, "merged") : phone.PushAsync(early, "merged"));

            var record = await phone.ReadAsync(id);
            Assert.Equal(
                ("late", "phone", true),
                (record.GetProperty("title").GetString(), record.GetProperty("body").GetString(), record.GetProperty("done").GetBoolean()));
            Assert.Equal("late", second.GetProperty("record").GetProperty("title").GetString());
        }
    }

    [Fact]
    public async Task Counters_add_and_sets_keep_what_a_removal_had_not_seen()
    {
        var (phone, tablet) = await TwoDevicesAsync();
        var id = NewId();
        var version = (await phone.PushAsync(phone.Put(id, """{"title":"a","tags":["x","y"]}"""), "applied")).GetProperty("version").GetString() ?? "";

        await phone.PushAsync(SyncDevice.On(phone.Patch(id, """{"likes":{"$increment":2},"tags":{"$add":["x","z"]}}"""), version), "applied");
        await tablet.PushAsync(SyncDevice.On(tablet.Patch(id, """{"likes":{"$increment":3},"tags":{"$remove":["x","y","z"]}}"""), version), "merged");

        var record = await phone.ReadAsync(id);
        Assert.Equal(5, record.GetProperty("likes").GetInt32());
        Assert.Equal(["x", "z"], record.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
    }

    [Fact]
    public async Task An_edit_of_the_data_API_is_one_more_writer()
    {
        var phone = await DeviceAsync();
        var id = NewId();
        var created = await phone.PushAsync(SyncDevice.At(phone.Put(id, """{"title":"a","body":"b"}"""), Morning), "applied");
        var version = created.GetProperty("version").GetString() ?? "";
        await phone.User.PatchAsync($"/v1/data/notes/{id}", """{"title":"server"}""");

        var result = await phone.PushAsync(
            SyncDevice.On(SyncDevice.At(phone.Patch(id, """{"title":"offline","body":"offline"}"""), Morning.AddHours(1)), version), "merged");

        var record = result.GetProperty("record");
        Assert.Equal(("server", "offline"), (record.GetProperty("title").GetString(), record.GetProperty("body").GetString()));
    }

    [Fact]
    public async Task A_stamp_from_the_future_becomes_the_servers_time_and_the_result_says_so()
    {
        var (phone, tablet) = await TwoDevicesAsync();
        var id = NewId();
        var result = await phone.PushAsync(SyncDevice.At(phone.Put(id, """{"title":"future"}"""), Now.AddDays(300)), "applied");
        Assert.True(string.CompareOrdinal(result.GetProperty("stamp").GetString(), Stamp(Now.AddMinutes(2))) < 0);

        await tablet.PushAsync(
            SyncDevice.On(SyncDevice.At(tablet.Patch(id, """{"title":"now"}"""), Now.AddSeconds(20)), result.GetProperty("version").GetString() ?? ""),
            "applied");

        Assert.Equal("now", (await phone.ReadAsync(id)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task One_wrong_mutation_is_rejected_with_its_reasons_and_the_others_go_on()
    {
        var phone = await DeviceAsync();
        var (id, other) = (NewId(), NewId());

        var results = await phone.PushAsync(
            phone.Put(id, """{"title":"a"}"""),
            phone.Put(NewId(), """{"title":5,"colour":"red"}"""),
            phone.Patch(NewId(), """{"title":"b"}"""),
            phone.Put(NewId(), """{"title":"a"}""", "unknown"),
            Without(phone.Put(NewId(), """{"title":"a"}"""), "op"),
            phone.Patch(id, """{"likes":7}"""),
            phone.Put("not an id", """{"title":"a"}"""),
            phone.Put(other, """{"title":"last"}"""));

        Assert.Equal(
            ["applied", "validation_failed", "record_not_found", "collection_not_found", "validation_failed", "validation_failed", "validation_failed", "applied"],
            results.Select(result => result.TryGetProperty("problem", out var problem)
                ? problem.GetProperty("code").GetString()
                : result.GetProperty("status").GetString()));
        Assert.Equal(
            ["$.title wrong_type", "$.colour unknown_field"],
            results[1].GetProperty("problem").GetProperty("errors").EnumerateArray()
                .Select(error => $"{error.GetProperty("path").GetString()} {error.GetProperty("code").GetString()}"));
        Assert.Equal("last", (await phone.ReadAsync(other)).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{"op":5}""", "$.op wrong_type")]
    [InlineData("""{"op":null}""", "$.op wrong_type")]
    [InlineData("""{"op":"shout"}""", "$.op unknown_operation")]
    [InlineData("""{"collection":["notes"]}""", "$.collection wrong_type")]
    [InlineData("""{"id":7}""", "$.id wrong_type")]
    [InlineData("""{"scope":{}}""", "$.scope wrong_type")]
    [InlineData("""{"fields":"none"}""", "$.fields wrong_type")]
    [InlineData("""{"fields":null}""", "$.fields wrong_type")]
    [InlineData("""{"stamp":0}""", "$.stamp wrong_type")]
    [InlineData("""{"base":"0"}""", "$.base invalid_timestamp")]
    [InlineData("""{"group":true}""", "$.group wrong_type")]
    [InlineData("""{"sentAt":"yesterday"}""", "$.sentAt wrong_type")]
    [InlineData("""{"colour":"red","scent":"sweet"}""", "$.colour unknown_field", "$.scent unknown_field")]
    public async Task A_member_that_makes_no_sense_is_named(string members, params string[] errors)
    {
        var phone = await DeviceAsync();
        var mutation = phone.Put(NewId(), """{"title":"a"}""");
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            mutation[name] = value?.DeepClone();
        }

        var result = await phone.PushAsync(mutation, "rejected");

        var found = result.GetProperty("problem").GetProperty("errors").EnumerateArray()
            .Select(error => $"{error.GetProperty("path").GetString()} {error.GetProperty("code").GetString()}");
        Assert.Equal(errors, found);
    }

    [Fact]
    public async Task No_name_of_a_collection_is_too_odd_to_be_rejected()
    {
        var phone = await DeviceAsync();
        foreach (var name in (string[])["no/te", "a?b#c%d\\e", "_ledger", "", new string('a', 5_000)])
        {
            var result = await phone.PushAsync(phone.Put(NewId(), """{"title":"a"}""", name), "rejected");

            Assert.Contains(result.GetProperty("problem").GetProperty("code").GetString(), (string[])["collection_not_found", "validation_failed"]);
        }

        await phone.PushAsync(phone.Put(NewId(), """{"title":"a"}"""), "applied");
    }

    [Fact]
    public async Task What_was_rejected_stays_rejected_when_the_same_message_comes_late()
    {
        var (phone, tablet) = await TwoDevicesAsync();
        var id = NewId();
        var early = phone.Patch(id, """{"title":"too early"}""");
        Assert.Equal("record_not_found", (await phone.PushAsync(early, "rejected")).GetProperty("problem").GetProperty("code").GetString());
        await tablet.PushAsync(tablet.Put(id, """{"title":"there"}"""), "applied");

        var late = await phone.PushAsync(early, "rejected");
        Assert.Equal("record_not_found", late.GetProperty("problem").GetProperty("code").GetString());

        await phone.PushAsync(SyncDevice.On(phone.Patch(id, """{"body":"later"}"""), SyncDevice.Nothing), "merged");
        await phone.PushAsync(early, "rejected");
        Assert.Equal("there", (await phone.ReadAsync(id)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task An_update_of_what_somebody_deleted_is_a_conflict_that_shows_the_deletion()
    {
        var (phone, tablet) = await TwoDevicesAsync();
        var id = NewId();
        var version = (await phone.PushAsync(phone.Put(id, """{"title":"a"}"""), "applied")).GetProperty("version").GetString() ?? "";
        var deleted = await tablet.PushAsync(SyncDevice.On(tablet.Delete(id), version), "applied");

        var conflict = await phone.PushAsync(SyncDevice.On(phone.Patch(id, """{"title":"b"}"""), version), "conflict");

        Assert.True(conflict.GetProperty("record").GetProperty("deleted").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await phone.User.GetAsync($"/v1/data/notes/{id}")).Status);
        await phone.PushAsync(SyncDevice.On(phone.Put(id, """{"title":"again"}"""), deleted.GetProperty("version").GetString() ?? ""), "applied");
        Assert.Equal("again", (await phone.ReadAsync(id)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_deletion_that_comes_again_and_one_of_what_is_deleted_are_applied()
    {
        var (phone, tablet) = await TwoDevicesAsync();
        var id = NewId();
        await phone.PushAsync(phone.Put(id, """{"title":"a"}"""), "applied");
        var deletion = phone.Delete(id);
        await phone.PushAsync(deletion, "applied");
        await phone.PushAsync(deletion, "applied");

        Assert.Contains((await tablet.PushAsync(tablet.Delete(id)))[0].GetProperty("status").GetString(), Taken);
        await tablet.PushAsync(tablet.Delete(NewId()), "rejected");
    }

    [Fact]
    public async Task Rules_and_hooks_apply_as_to_the_data_API()
    {
        var phone = await DeviceAsync();
        using var bob = await backend.NewUserAsync();
        var id = NewId();

        await phone.PushAsync(phone.Put(id, """{"item":"pencil","quantity":2}""", "orders"), "applied");
        Assert.Equal(1998, (await phone.ReadAsync(id, "orders")).GetProperty("price").GetInt32());
        var priced = await phone.PushAsync(phone.Put(NewId(), """{"item":"pencil","quantity":2,"price":1}""", "orders"), "rejected");
        Assert.Equal("server_only", priced.GetProperty("problem").GetProperty("errors")[0].GetProperty("code").GetString());
        var change = await phone.PushAsync(phone.Patch(id, """{"quantity":3}""", "orders"), "rejected");
        Assert.Equal("forbidden", change.GetProperty("problem").GetProperty("code").GetString());

        var foreign = phone.Put(NewId(), """{"title":"a"}""");
        foreign["scope"] = bob.Scope;
        Assert.Equal("scope_not_found", (await phone.PushAsync(foreign, "rejected")).GetProperty("problem").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_group_is_applied_whole_or_not_at_all()
    {
        BackendFixture.NeedsBatch();
        var phone = await DeviceAsync();
        var (a, b, c, d) = (NewId(), NewId(), NewId(), NewId());

        var results = await phone.PushAsync(
            In("good", phone.Put(a, """{"title":"a"}""")),
            In("good", phone.Put(b, """{"title":"b"}""")),
            In("bad", phone.Put(c, """{"title":"c"}""")),
            In("bad", phone.Put(NewId(), """{"title":7}""")),
            phone.Put(d, """{"title":"d"}"""));

        Assert.Equal(
            ["applied", "applied", "rejected", "rejected", "applied"], results.Select(result => result.GetProperty("status").GetString()));
        Assert.Equal("group_failed", results[2].GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await phone.User.GetAsync($"/v1/data/notes/{c}")).Status);
        Assert.Equal("b", (await phone.ReadAsync(b)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_pull_that_cannot_be_does_not_take_the_results_along()
    {
        var phone = await DeviceAsync();
        using var bob = await backend.NewUserAsync();

        var answer = await phone.ExchangeAsync(
            [phone.Put(NewId(), """{"title":"a"}""")],
            new JsonObject { ["scope"] = bob.Scope, ["cursor"] = null },
            new JsonObject { ["scope"] = phone.User.Scope, ["cursor"] = "nonsense" });

        Assert.Equal("applied", answer.GetProperty("results")[0].GetProperty("status").GetString());
        Assert.True(answer.GetProperty("changes")[0].GetProperty("revoked").GetBoolean());
        Assert.True(answer.GetProperty("changes")[1].GetProperty("resync").GetBoolean());
    }

    [Fact]
    public async Task What_was_sent_too_long_ago_and_left_no_trace_is_not_taken()
    {
        var phone = await DeviceAsync();
        var old = phone.Put(NewId(), """{"title":"a"}""");
        old["sentAt"] = "2020-01-01T00:00:00Z";

        Assert.Equal("outcome_unknown", (await phone.PushAsync(old, "rejected")).GetProperty("problem").GetProperty("code").GetString());
        await phone.PushAsync(phone.Put(NewId(), """{"title":"a"}"""), "applied");
    }

    [Fact]
    public async Task Of_a_group_that_was_sent_too_long_ago_nobody_knows_anything()
    {
        var phone = await DeviceAsync();
        JsonObject[] group = [In("g", phone.Put(NewId(), """{"title":"a"}""")), In("g", phone.Put(NewId(), """{"title":"b"}"""))];
        foreach (var mutation in group)
        {
            mutation["sentAt"] = "2020-01-01T00:00:00Z";
        }

        var results = await phone.PushAsync(group);

        // It may have been applied once, so group_failed would be a lie.
        Assert.All(results, result => Assert.Equal("outcome_unknown", result.GetProperty("problem").GetProperty("code").GetString()));
    }

    private static string NewId() => Guid.NewGuid().ToString("n");

    private static string Stamp(DateTimeOffset time) =>
        (time.ToUnixTimeMilliseconds() << 16).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonObject Without(JsonObject mutation, string member)
    {
        mutation.Remove(member);
        return mutation;
    }

    private static JsonObject In(string group, JsonObject mutation)
    {
        mutation["group"] = group;
        return mutation;
    }

    private async Task<SyncDevice> DeviceAsync() => new(await backend.NewUserAsync());

    /// <summary>Two installations of one user.</summary>
    private async Task<(SyncDevice Phone, SyncDevice Tablet)> TwoDevicesAsync()
    {
        var user = await backend.NewUserAsync();
        return (new SyncDevice(user), new SyncDevice(user));
    }
}

public sealed class CosmosPushApiTests(CosmosBackendFixture backend) : PushApiTests(backend), IClassFixture<CosmosBackendFixture>;
