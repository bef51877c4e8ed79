using System.Net;
using System.Text;
using System.Text.Json;
using Backend.Model;
using Backend.Records;
using Functions.Tests.Fixtures;
using Functions.Tests.Sync;
using Local.Sqlite;

namespace Functions.Tests.Encryption;

public sealed class EncryptedFieldTests : IDisposable
{
    private const string Fields = """
        "name":{"type":"string"},
        "diary":{"type":"string","encrypted":true,"maxLength":100},
        "weight":{"type":"number","encrypted":true},
        "marks":{"type":"set","encrypted":true},
        "visits":{"type":"counter","encrypted":true},
        "more":{"type":"json","encrypted":true}
        """;

    private const string Secret = "{\"name\":\"plain-as-day\",\"diary\":\"nobody-reads-this\",\"weight\":71.25,\"marks\":[\"scar-on-knee\"],\"visits\":2,\"more\":{\"deep\":\"down-below\"}}";

    private readonly ModelFolder _model = new ModelFolder().With("people", Fields);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_see_values_and_change_them_as_if_they_were_plain()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);

        var path = await ModelFolder.CreateAsync(alice, "people", Secret);
        AssertFields(Secret, (await alice.GetAsync(path)).Json);
        AssertFields(Secret, (await alice.GetAsync("/v1/data/people")).Json.GetProperty("items")[0]);
        AssertFields(Secret, (await alice.PullAsync()).Records.Single());
        var patched = await alice.PatchAsync(path, """{"visits":{"$increment":3},"marks":{"$add":["tattoo"]},"more":{"new":1},"diary":null}""");
        const string Changed = "{\"name\":\"plain-as-day\",\"weight\":71.25,\"marks\":[\"scar-on-knee\",\"tattoo\"],\"visits\":5,\"more\":{\"deep\":\"down-below\",\"new\":1}}";
        AssertFields(Changed, patched.Json);
        AssertFields(Changed, (await alice.GetAsync(path)).Json);
        Assert.Equal(["$.diary too_long"], (await alice.PatchAsync(path, $$"""{"diary":"{{new string('x', 101)}}"}""")).Errors);
        AssertFields("""{"weight":1}""", (await alice.PutAsync(path, """{"weight":1}""")).Json);
    }

    [Fact]
    public async Task The_database_files_hold_no_plain_value_and_no_key()
    {
        string path;
        await using (var backend = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            path = await ModelFolder.CreateAsync(alice, "people", Secret);
            await alice.PatchAsync(path, """{"name":"still-plain"}""");
            var phone = new SyncDevice(alice);
            await phone.PushAsync(phone.Put("p", Secret, "people"), "applied");
            await phone.PushAsync(phone.Patch("p", """{"marks":{"$add":["scar-on-knee","scar-on-elbow"]}}""", "people"), "applied");
            await phone.PushAsync(phone.Patch("p", """{"marks":{"$remove":["scar-on-elbow"]}}""", "people"), "applied");
            Assert.Equal("scar-on-knee", (await phone.ReadAsync("p", "people")).GetProperty("marks")[0].GetString());
            // What is remembered of a request with a key is no way around it; the request has one effect all the same.
            var batch = $$"""{"operations":[{"op":"create","collection":"people","fields":{{Secret}}}]}""";
            foreach (var (where, body) in new[] { ("/v1/data/people", Secret), ("/v1/data:batch", batch) })
            {
                var first = await alice.PostAsync(where, body, ("Idempotency-Key", where));
                var second = await alice.PostAsync(where, body, ("Idempotency-Key", where));
                Assert.True(first.Status is HttpStatusCode.Created or HttpStatusCode.OK, $"{first.Status}");
                Assert.Equal(first.Json.ToString(), second.Json.ToString());
            }
        }

        var files = string.Concat(Directory.EnumerateFiles(_model.Data, "backend.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.Contains("still-plain", files, StringComparison.Ordinal);
        Assert.Contains("$encrypted", files, StringComparison.Ordinal);
        foreach (var value in new[] { "nobody-reads", "71.25", "scar-on-knee", "down-below" })
        {
            Assert.DoesNotContain(value, files, StringComparison.Ordinal);
        }

        await using var again = await _model.StartAsync();
        using var later = await ModelFolder.ClientAsync(again);
        Assert.Equal("nobody-reads-this", (await later.GetAsync(path)).Json.GetProperty("diary").GetString());
    }

    [Fact]
    public async Task Plain_values_from_before_are_read_and_encrypted_by_the_next_write_and_the_other_way_round()
    {
        const string Plain = """ "diary":{"type":"string"},"n":{"type":"integer"} """;
        const string Encrypted = """ "diary":{"type":"string","encrypted":true},"n":{"type":"integer"} """;
        using var model = new ModelFolder().With("people", Plain);
        var path = await WithAsync(model, alice => ModelFolder.CreateAsync(alice, "people", """{"diary":"before-it-was-on"}"""));

        model.With("people", Encrypted);
        Assert.Equal("before-it-was-on", await WithAsync(model, alice => DiaryAsync(alice, path)));
        Assert.Contains("before-it-was-on", await StoredAsync(model, path), StringComparison.Ordinal);
        await WithAsync(model, alice => alice.PatchAsync(path, """{"n":1}"""));
        Assert.DoesNotContain("before-it-was-on", await StoredAsync(model, path), StringComparison.Ordinal);

        model.With("people", Plain);
        Assert.Equal("before-it-was-on", await WithAsync(model, alice => DiaryAsync(alice, path)));
        Assert.DoesNotContain("before-it-was-on", await StoredAsync(model, path), StringComparison.Ordinal);
        await WithAsync(model, alice => alice.PatchAsync(path, """{"n":2}"""));
        Assert.Contains("before-it-was-on", await StoredAsync(model, path), StringComparison.Ordinal);
        Assert.Equal("before-it-was-on", await WithAsync(model, alice => DiaryAsync(alice, path)));
    }

    [Fact]
    public async Task A_removed_encrypted_field_comes_back_with_its_value()
    {
        var path = await WithAsync(_model, alice => ModelFolder.CreateAsync(alice, "people", Secret));
        _model.With("people", """ "name":{"type":"string"} """);
        AssertFields("""{"name":"b"}""", (await WithAsync(_model, alice => alice.PatchAsync(path, """{"name":"b"}"""))).Json);

        _model.With("people", Fields);

        Assert.Equal("nobody-reads-this", await WithAsync(_model, alice => DiaryAsync(alice, path)));
    }

    [Fact]
    public async Task Json_of_a_client_that_looks_encrypted_is_given_back_as_it_was()
    {
        using var model = new ModelFolder().With("people", """ "more":{"type":"json"} """);
        const string Trap = """{"more":{"$encrypted":"1.k1.AAAA"}}""";
        var before = await WithAsync(model, alice => ModelFolder.CreateAsync(alice, "people", Trap));
        model.With("people", """ "more":{"type":"json","encrypted":true} """);
        var during = await WithAsync(model, alice => ModelFolder.CreateAsync(alice, "people", Trap));
        model.With("people", """ "more":{"type":"json"} """);
        var after = await WithAsync(model, alice => ModelFolder.CreateAsync(alice, "people", Trap));

        foreach (var path in new[] { before, during, after })
        {
            AssertFields(Trap, (await WithAsync(model, alice => alice.GetAsync(path))).Json);
        }
    }

    [Fact]
    public async Task A_value_that_was_moved_to_another_record_is_not_opened_there()
    {
        var mine = await WithAsync(_model, alice => ModelFolder.CreateAsync(alice, "people", """{"diary":"of-mine"}"""));
        var other = await WithAsync(_model, alice => ModelFolder.CreateAsync(alice, "people", """{"diary":"of-other"}"""));
        await using (var database = new SqliteDatabase(Path.Combine(_model.Data, "backend.db")))
        {
            var store = new SqliteRecordStore(database, TimeProvider.System);
            var (from, to) = (await FindAsync(store, mine), await FindAsync(store, other));
            await store.ReplaceAsync(to with { Fields = from.Fields }, to.ETag, Ct);
        }

        var answer = await WithAsync(_model, alice => alice.GetAsync(other));

        answer.AssertProblem(System.Net.HttpStatusCode.InternalServerError, "internal_error");
        Assert.Equal("of-mine", await WithAsync(_model, alice => DiaryAsync(alice, mine)));
    }

    [Fact]
    public async Task Nobody_filters_by_an_encrypted_field_and_no_rule_names_one()
    {
        await using (var backend = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            Assert.Equal(["filter invalid_filter"], (await alice.GetAsync("/v1/data/people?filter=diary%20==%20'a'")).Errors);
        }

        using var model = new ModelFolder().With("people", Fields, more: "\"rules\":{\"create\":\"record.weight > 1\"}");
        var error = Assert.Single((await Assert.ThrowsAsync<ModelException>(() => model.StartAsync())).Errors);
        Assert.Equal("people.json $.rules.create: at character 1: 'weight' is encrypted, so no expression can ask for it", error.ToString());
    }

    public void Dispose() => _model.Dispose();

    private static async Task<T> WithAsync<T>(ModelFolder model, Func<ApiClient, Task<T>> act)
    {
        await using var backend = await model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        return await act(alice);
    }

    private static async Task<string?> DiaryAsync(ApiClient client, string path) =>
        (await client.GetAsync(path)).Json.GetProperty("diary").GetString();

    private static async Task<string> StoredAsync(ModelFolder model, string path)
    {
        await using var database = new SqliteDatabase(Path.Combine(model.Data, "backend.db"));
        return (await FindAsync(new SqliteRecordStore(database, TimeProvider.System), path)).Fields.Element.GetRawText();
    }

    private static async Task<StoredRecord> FindAsync(SqliteRecordStore store, string path)
    {
        Assert.True(RecordId.TryParse(path.Split('/')[^1], out var id));
        return await store.FindAsync(new RecordKey(Scope.ForUser("alice"), "people", id), Ct)
            ?? throw new InvalidOperationException($"There is no {path}");
    }

    private static void AssertFields(string expected, JsonElement record)
    {
        var fields = record.EnumerateObject().Where(property => property.Name != "$version" && !ModelNames.ReservedInRecords.Contains(property.Name))
            .Select(property => $"\"{property.Name}\":{property.Value.GetRawText()}");
        var actual = JsonElement.Parse($"{{{string.Join(',', fields)}}}");
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), $"{expected} became {actual}");
    }
}
