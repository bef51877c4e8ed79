using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;
using Functions.Tests.Spaces;
using Functions.Tests.Sync;

namespace Functions.Tests.Cost;

/// <summary>The operations of sync among those that are counted.</summary>
internal static class SyncOperations
{
    private static readonly string Note = $$"""{"title":"Nest box 14","body":"{{new string('x', 900)}}","tags":["birds"]}""";

    public static IEnumerable<(string Name, Func<CostFixture, Task<Func<Task<ApiAnswer>>>> Prepare)> All { get; } =
    [
        ("pull with nothing new", Pull(100, changes: 0)),
        ("pull with nothing new, of a space", InSpace(0)),
        ("pull with 1 change", Pull(100, changes: 1)),
        ("pull with 10 changes in a scope of 100", Pull(100, changes: 10)),
        ("pull with 10 changes in a scope of 10,000", Pull(10_000, changes: 10)),
        ("first pull of 40 records", First(40)),
        ("first pull of 120 records, page of 100", First(120)),
        ("first pull of 40 records with checksums", First(40, checksum: true)),
        ("push of 1 new record", Push((phone, _) => Puts(phone, 1))),
        ("push of 1 change", Push((phone, ids) => Patches(phone, ids.Take(1)))),
        ("push of 1 deletion", Push((phone, ids) => [phone.Delete(ids[0])])),
        ("push of 10 new records", Push((phone, _) => Puts(phone, 10))),
        ("push of 10 changes", Push((phone, ids) => Patches(phone, ids.Take(10)))),
        ("push of 10 changes of one record", Push((phone, ids) => Patches(phone, Enumerable.Repeat(ids[0], 10)))),
        ("push of 100 new records", Push((phone, _) => Puts(phone, 100))),
        ("push of 100 changes", Push((phone, ids) => Patches(phone, ids))),
        ("push of a group of 10 new records", Push((phone, _) => Grouped(Puts(phone, 10)))),
        ("push of 1 new record in each of 2 scopes", TwoScopes()),
        ("push of 1 new record, again", Push((phone, _) => Puts(phone, 1), times: 2)),
        ("push of 1 refused mutation", Push((phone, _) => [phone.Put("bad", """{"title":7}""")])),
        ("push of 1 change, and a pull", Push((phone, ids) => Patches(phone, ids.Take(1)), pulls: true)),
    ];

    private static IEnumerable<JsonObject> Puts(SyncDevice phone, int count) =>
        [.. Enumerable.Range(0, count).Select(n => SyncDevice.On(phone.Put($"new-{n}", Note), SyncDevice.Nothing))];

    private static IEnumerable<JsonObject> Patches(SyncDevice phone, IEnumerable<string> ids) =>
        [.. ids.Select(id => phone.Patch(id, """{"likes":{"$increment":1}}"""))];

    private static IEnumerable<JsonObject> Grouped(IEnumerable<JsonObject> mutations)
    {
        foreach (var mutation in mutations)
        {
            mutation["group"] = "together";
            yield return mutation;
        }
    }

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> Push(
        Func<SyncDevice, IReadOnlyList<string>, IEnumerable<JsonObject>> mutations, int times = 1, bool pulls = false) =>
        ApiOperations.With(100, async (user, ids) =>
        {
            var phone = new SyncDevice(user);
            var push = mutations(phone, ids).ToArray();
            JsonObject[] pull = pulls ? [PullOf(user.Scope, await CursorAsync(user, user.Scope))] : [];
            for (; times > 1; times--)
            {
                await phone.SendAsync(push);
            }

            return () => phone.SendAsync(push, pull);
        });

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> TwoScopes() => ApiOperations.InSpace((user, scope, _) =>
    {
        var phone = new SyncDevice(user);
        var push = Puts(phone, 2).ToArray();
        push[1]["scope"] = scope;
        return phone.SendAsync(push);
    });

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> Pull(int records, int changes) => ApiOperations.With(records, async (user, ids) =>
    {
        var cursor = await CursorAsync(user, user.Scope);
        if (changes > 0)
        {
            var phone = new SyncDevice(user);
            await phone.PushAsync([.. Patches(phone, ids.Take(changes))]);
        }

        return async () =>
        {
            var answer = await PullAsync(user, PullOf(user.Scope, cursor));
            Assert.Equal(changes, answer.Json.GetProperty("changes")[0].GetProperty("records").GetArrayLength());
            return answer;
        };
    });

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> InSpace(int changes) => ApiOperations.With(changes, async (user, _) =>
    {
        var scope = $"space/{await user.CreateSpaceAsync()}";
        var cursor = await CursorAsync(user, scope);
        return () => PullAsync(user, PullOf(scope, cursor));
    });

    private static Func<CostFixture, Task<Func<Task<ApiAnswer>>>> First(int records, bool checksum = false) => ApiOperations.With(records, (user, _) =>
    {
        var pull = PullOf(user.Scope, null);
        pull["checksum"] = checksum;
        return PullAsync(user, pull);
    });

    private static JsonObject PullOf(string scope, string? cursor) => new() { ["scope"] = scope, ["cursor"] = cursor };

    private static Task<ApiAnswer> PullAsync(ApiClient user, JsonObject pull) =>
        user.PostAsync("/v1/sync", new JsonObject { ["pull"] = new JsonArray(pull.DeepClone()) }.ToJsonString());

    private static async Task<string?> CursorAsync(ApiClient user, string scope)
    {
        for (string? cursor = null; ;)
        {
            var request = new JsonObject { ["pull"] = new JsonArray(PullOf(scope, cursor)), ["limit"] = 1_000 };
            var changes = (await user.PostAsync("/v1/sync", request.ToJsonString())).Json.GetProperty("changes")[0];
            cursor = changes.GetProperty("cursor").GetString();
            if (!changes.GetProperty("hasMore").GetBoolean())
            {
                return cursor;
            }
        }
    }
}
