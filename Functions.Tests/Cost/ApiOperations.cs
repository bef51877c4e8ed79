using System.Net;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using Functions.Tests.Spaces;

namespace Functions.Tests.Cost;

/// <summary>What the table of docs/cost.md counts: for each operation what comes before it, and the one request that is counted.</summary>
internal static class ApiOperations
{
    private const string Notes = "/v1/data/notes";

    /// <summary>A note of about 1 KB.</summary>
    private static readonly string Note = $$"""{"title":"Nest box 14","body":"{{new string('x', 900)}}","tags":["birds"]}""";

    public static IEnumerable<(string Name, Func<CostFixture, Task<Func<Task<ApiAnswer>>>> Prepare)> All { get; } =
    [
        ("read a record", With(1, (user, ids) => user.GetAsync($"{Notes}/{ids[0]}"))),
        ("read a record again, `If-None-Match`", With(1, async (user, ids) => await Again(user, ids[0]))),
        ("read a record that is not there", With(0, (user, _) => user.GetAsync($"{Notes}/nothing"))),
        ("read a record with a reference expanded", WithReference(user => user.GetAsync($"{Notes}/with-reference?expand=notebook"))),
        ("create a record (POST)", With(0, (user, _) => user.PostAsync(Notes, Note))),
        ("create a record with an `Idempotency-Key`", With(0, (user, _) => user.PostAsync(Notes, Note, Key))),
        ("the same again", Once(user => user.PostAsync(Notes, Note, Key))),
        ("replace a record (PUT)", With(1, (user, ids) => user.PutAsync($"{Notes}/{ids[0]}", Note))),
        ("change a record (PATCH)", With(1, (user, ids) => user.PatchAsync($"{Notes}/{ids[0]}", """{"done":true}"""))),
        ("delete a record", With(1, (user, ids) => user.DeleteAsync($"{Notes}/{ids[0]}"))),
        ("list 50 of 120 records", With(120, (user, _) => user.GetAsync($"{Notes}?limit=50"))),
        ("the next 50", With(120, async (user, _) => await NextPage(user))),
        ("list 50, filtered and sorted", With(120, (user, _) => user.GetAsync($"{Notes}?limit=50&sort=-updatedAt&filter=done%20%3D%3D%20false"))),
        ("list with a reference expanded", WithReference(user => user.GetAsync($"{Notes}?expand=notebook"))),
        ("batch of 10 creates", With(0, (user, _) => user.PostAsync("/v1/data:batch", Creates(10)))),
        ("batch of 10 changes", With(10, (user, ids) => user.PostAsync("/v1/data:batch", Changes(ids)))),
        ("read a record of a space", InSpace((user, scope, id) => user.GetAsync($"{Notes}/{id}?scope={scope}"))),
        ("create a record in a space", InSpace((user, scope, _) => user.PostAsync($"{Notes}?scope={scope}", Note))),
        ("create a space", With(0, (user, _) => user.PostAsync("/v1/spaces", """{"name":"Birds"}"""))),
        ("read a space", InSpace((user, scope, _) => user.GetAsync($"/v1/spaces/{scope[6..]}"))),
        ("list one's spaces", InSpace((user, _, _) => user.GetAsync("/v1/spaces"))),
        ("announce an upload", With(0, (user, _) => user.PostAsync("/v1/media", """{"contentType":"image/jpeg","size":1000}"""))),
        ("read an upload's state", With(0, async (user, _) => await State(user))),
        ("readiness probe", With(0, (user, _) => user.GetAsync("/health/ready"))),
        .. SyncOperations.All,
    ];

    private static (string, string) Key => ("Idempotency-Key", "7f0c1d52");

    /// <summary>A user with so many notes.</summary>
    internal static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> With(int notes, Func<ApiClient, IReadOnlyList<string>, Task<ApiAnswer>> act) =>
        With(notes, (user, ids) => Task.FromResult(() => act(user, ids)));

    internal static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> With(
        int notes, Func<ApiClient, IReadOnlyList<string>, Task<Func<Task<ApiAnswer>>>> prepare) => async fixture =>
    {
        var user = await fixture.NewUserAsync();
        var ids = Enumerable.Range(0, notes).Select(n => $"note-{n:d5}").ToList();
        foreach (var chunk in ids.Chunk(100))
        {
            AssertOk(await user.PostAsync("/v1/data:batch", Creates(chunk)));
        }

        return await prepare(user, ids);
    };

    /// <summary>A member of a space with one note.</summary>
    internal static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> InSpace(Func<ApiClient, string, string, Task<ApiAnswer>> act) =>
        With(0, async (user, _) =>
        {
            var scope = $"space/{await user.CreateSpaceAsync()}";
            var note = await user.PostAsync($"{Notes}?scope={scope}", Note);
            return () => act(user, scope, note.Id);
        });

    internal static void AssertOk(ApiAnswer answer) => Assert.True((int)answer.Status < 400, $"{answer.Status}");

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> WithReference(Func<ApiClient, Task<ApiAnswer>> act) =>
        With(0, async (user, _) =>
        {
            AssertOk(await user.PostAsync("/v1/data/notebooks", """{"id":"birds","name":"Birds"}"""));
            AssertOk(await user.PostAsync(Notes, """{"id":"with-reference","title":"n","notebook":"birds"}"""));
            return () => act(user);
        });

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> Once(Func<ApiClient, Task<ApiAnswer>> act) => With(0, async (user, _) =>
    {
        AssertOk(await act(user));
        return () => act(user);
    });

    private static async Task<Func<Task<ApiAnswer>>> Again(ApiClient user, string id)
    {
        var etag = (await user.GetAsync($"{Notes}/{id}")).Headers["ETag"];
        return async () =>
        {
            var answer = await user.GetAsync($"{Notes}/{id}", ("If-None-Match", etag));
            Assert.Equal(HttpStatusCode.NotModified, answer.Status);
            return answer;
        };
    }

    private static async Task<Func<Task<ApiAnswer>>> NextPage(ApiClient user)
    {
        var next = (await user.GetAsync($"{Notes}?limit=50")).Json.GetProperty("next").GetString();
        return () => user.GetAsync($"{Notes}?limit=50&cursor={Uri.EscapeDataString(next ?? "")}");
    }

    private static async Task<Func<Task<ApiAnswer>>> State(ApiClient user)
    {
        var slot = await user.PostAsync("/v1/media", """{"contentType":"image/jpeg","size":1000}""");
        return () => user.GetAsync($"/v1/media/{slot.Id}");
    }

    private static string Creates(int count) => Creates([.. Enumerable.Range(0, count).Select(n => $"new-{n}")]);

    private static string Creates(IReadOnlyList<string> ids) => Batch(ids, "create", Note);

    private static string Changes(IReadOnlyList<string> ids) => Batch(ids, "patch", """{"done":true}""");

    private static string Batch(IReadOnlyList<string> ids, string op, string fields) => new JsonObject
    {
        ["operations"] = new JsonArray([.. ids.Select(id => new JsonObject
        {
            ["op"] = op, ["collection"] = "notes", ["id"] = id, ["fields"] = JsonNode.Parse(fields),
        })]),
    }.ToJsonString();
}
