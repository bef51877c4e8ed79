using System.Net;
using System.Text.Json;
using Backend.Hooks;
using Backend.Model;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Model;

/// <summary>Changing a model on data that are there.</summary>
public sealed class ModelHistoryTests : IDisposable
{
    private readonly ModelFolder _model = new();

    [Fact]
    public async Task A_field_that_is_gone_is_served_nowhere_stays_stored_and_comes_back()
    {
        string path;
        _model.With("things", """ "name":{"type":"string"},"old":{"type":"json"} """);
        await using (var backend = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            path = await ModelFolder.CreateAsync(alice, "things", """{"name":"a","old":{"deep":[1,"}"]}}""");
        }

        _model.With("things", """ "name":{"type":"string"},"added":{"type":"integer","default":1} """);
        var seen = new SeenByHook();
        await using (var backend = await _model.StartAsync(services => services.AddSingleton<IRecordHook>(seen)))
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            var id = path.Split('/')[^1];

            AssertFields((await alice.GetAsync(path)).Json, "name");
            AssertFields((await alice.GetAsync("/v1/data/things")).Json.GetProperty("items")[0], "name");
            AssertFields((await alice.PullAsync()).Records.Single(), "name");
            AssertFields((await alice.PatchAsync(path, """{"name":"b"}""")).Json, "name");
            AssertFields((await alice.PutAsync(path, """{"added":2}""")).Json, "added");
            AssertFields((await alice.PullAsync()).Records.Single(), "added");
            Assert.Equal(["$.old unknown_field"], (await alice.PatchAsync(path, """{"old":1}""")).Errors);
            Assert.Equal(["filter invalid_filter"], (await alice.GetAsync("/v1/data/things?filter=old%20!=%20null")).Errors);
            Assert.DoesNotContain("old", seen.Fields);
            Assert.Contains("name", seen.Fields);

            await alice.DeleteAsync(path);
            Assert.Equal([id], (await alice.PullAsync()).Removed);
            path = await ModelFolder.CreateAsync(alice, "things", $$"""{"id":"{{id}}","name":"again"}""");
            AssertFields((await alice.GetAsync(path)).Json, "added", "name");
        }
    }

    [Fact]
    public async Task A_value_that_was_kept_out_of_sight_survives_writes_until_its_field_comes_back()
    {
        string path;
        _model.With("things", """ "name":{"type":"string"},"old":{"type":"integer"} """);
        await using (var backend = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            path = await ModelFolder.CreateAsync(alice, "things", """{"old":7}""");
        }

        _model.With("things", """ "name":{"type":"string"} """);
        await using (var backend = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            AssertFields((await alice.GetAsync(path)).Json);
            AssertFields((await alice.PatchAsync(path, """{"name":"b"}""")).Json, "name");
            AssertFields((await alice.PutAsync(path, """{"name":"c"}""")).Json, "name");
        }

        _model.With("things", """ "name":{"type":"string"},"old":{"type":"number"} """);
        await using (var backend = await _model.StartAsync())
        {
            using var alice = await ModelFolder.ClientAsync(backend);
            var json = (await alice.GetAsync(path)).Json;
            Assert.Equal(("c", 7), (json.GetProperty("name").GetString(), json.GetProperty("old").GetInt32()));
        }
    }

    [Fact]
    public async Task A_change_that_stored_values_do_not_fit_is_refused_with_every_place_and_what_to_do()
    {
        _model.With("things", """ "size":{"type":"number"},"gone":{"type":"string"},"of":{"type":"reference","collection":"things"} """).With("other", "");
        await (await _model.StartAsync()).DisposeAsync();
        _model.With("things", """ "size":{"type":"number"},"of":{"type":"reference","collection":"things"} """);
        await (await _model.StartAsync()).DisposeAsync();
        _model.With("things", """ "size":{"type":"integer"},"gone":{"type":"set"},"of":{"type":"reference","collection":"other"} """, "public").With("other", "");

        var refused = await Assert.ThrowsAsync<ModelException>(() => _model.StartAsync());

        Assert.Equal(
            [
                "things.json $.fields.gone.type: was string until version 2 of the model and would become set, which stored values are not.",
                "things.json $.fields.of.type: was reference to things and would become reference to other, which stored values are not.",
                "things.json $.fields.size.type: was number and would become integer, which stored values are not.",
                "things.json $.scope: no longer has user, where records may be that nobody could reach.",
            ],
            refused.Errors.Select(error => error.ToString()[..(error.ToString().IndexOf(". ", StringComparison.Ordinal) + 1)]).Order(StringComparer.Ordinal));
        Assert.All(refused.Errors, error => Assert.Matches("Keep .*another name.*ModelChanges:Accept:0=things[.]", error.Reason));
    }

    [Fact]
    public async Task What_the_operator_accepts_is_changed()
    {
        _model.With("things", """ "size":{"type":"number"} """);
        await (await _model.StartAsync()).DisposeAsync();
        _model.With("things", """ "size":{"type":"boolean"} """, "public");

        await Assert.ThrowsAsync<ModelException>(() => _model.StartAsync("--ModelChanges:Accept:0=things.size"));
        await (await _model.StartAsync("--ModelChanges:Accept:0=things.size", "--ModelChanges:Accept:1=things.scope")).DisposeAsync();

        await (await _model.StartAsync()).DisposeAsync();
    }

    [Fact]
    public async Task The_version_grows_with_what_clients_can_see_and_with_nothing_else()
    {
        _model.With("things", """ "name":{"type":"string"} """);
        Assert.Equal(1, await VersionAsync());
        Assert.Equal(1, await VersionAsync());
        _model.With("things", """ "name":{"type":"string","description":"For people."} """, more: "\"rules\":{\"read\":\"true\"}");
        Assert.Equal(1, await VersionAsync());
        _model.With("things", """ "name":{"type":"string","maxLength":5} """);
        Assert.Equal(2, await VersionAsync());
        _model.With("things", """ "name":{"type":"string"} """);
        Assert.Equal(3, await VersionAsync());
        _model.With("more", "");
        Assert.Equal(4, await VersionAsync());
        _model.Without("more");
        Assert.Equal(5, await VersionAsync());
    }

    private async Task<int> VersionAsync()
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        var answer = await alice.GetAsync("/v1/model");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json.GetProperty("version").GetInt32();
    }

    private static void AssertFields(JsonElement record, params string[] names) => Assert.Equal(
        names,
        record.EnumerateObject().Select(property => property.Name).Except(ModelNames.ReservedInRecords).Except(["$version"]).Order(StringComparer.Ordinal));

    public void Dispose() => _model.Dispose();

    private sealed class SeenByHook : IRecordHook
    {
        private readonly HashSet<string> _fields = [];

        public string Collection => "things";

        public IReadOnlyCollection<string> Fields => _fields;

        public ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct)
        {
            foreach (var record in new[] { write.Before, write.After })
            {
                _fields.UnionWith(record?.Fields.Element.EnumerateObject().Select(property => property.Name) ?? []);
            }

            return ValueTask.FromResult<HookRejection?>(null);
        }
    }
}
