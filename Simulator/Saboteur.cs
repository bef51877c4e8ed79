using System.Text;
using System.Text.Json.Nodes;
using SyncClient;

namespace Simulator;

/// <summary>Changes what goes in and out of the server, or on to a disk, as a product would that breaks one promise.</summary>
internal sealed class Saboteur(Mutant mutant)
{
    private int _count;

    /// <param name="request">What a client sent.</param>
    /// <param name="isLate">Whether it was sent before.</param>
    public byte[] Request(byte[] request, bool isLate)
    {
        if (mutant is Mutant.None)
        {
            return request;
        }

        var json = JsonNode.Parse(request)!.AsObject();
        var push = json["push"]!.AsArray();
        switch (mutant)
        {
            case Mutant.MutationsCountAgain when isLate:
                json["client"] = $"{json["client"]}-again";
                break;
            case Mutant.MutationsAreDropped when push.Count > 0 && ++_count % 5 == 0:
                push.RemoveAt(push.Count - 1);
                break;
            case Mutant.OldSchemasAreServed:
                json.Remove("schema");
                break;
            case Mutant.OldMutationsAreTaken or Mutant.ArrivalIsOrder or Mutant.RemovalsWin or Mutant.GroupsAreSplit or Mutant.BasesAreBelieved:
                foreach (var mutation in push.Select(item => item!.AsObject()))
                {
                    Change(mutation);
                }

                break;
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private void Change(JsonObject mutation)
    {
        switch (mutant)
        {
            case Mutant.RemovalsWin when mutation["op"]!.GetValue<string>() == "patch":
                mutation["base"] = "7fffffffffffffff";
                break;
            case Mutant.BasesAreBelieved when mutation["op"]!.GetValue<string>() != "patch":
                mutation["base"] = "7fffffffffffffff";
                break;
            case Mutant.GroupsAreSplit:
                mutation.Remove("group");
                break;
            case Mutant.OldMutationsAreTaken:
                mutation.Remove("sentAt");
                break;
            case Mutant.ArrivalIsOrder:
                mutation.Remove("stamp");
                break;
        }
    }

    public SyncReply Reply(byte[] request, SyncReply reply)
    {
        if (mutant is Mutant.RevocationsAreHidden && reply.Status == 404)
        {
            var pull = JsonNode.Parse(request)!["pull"]![0]!;
            return new SyncReply(200, Encoding.UTF8.GetBytes(new JsonObject
            {
                ["results"] = new JsonArray(),
                ["changes"] = new JsonArray(Nothing((string)pull["scope"]!, (string?)pull["cursor"])),
                ["serverTime"] = "2026-01-01T00:00:00.000Z",
            }.ToJsonString()));
        }

        if (mutant is Mutant.None || reply.Status != 200)
        {
            return reply;
        }

        var (asked, answer) = (JsonNode.Parse(request)!.AsObject(), JsonNode.Parse(reply.Body)!.AsObject());
        ChangeResults(asked["push"]!.AsArray(), answer["results"]!.AsArray());
        var changes = answer["changes"]!.AsArray();
        for (var i = 0; i < changes.Count; i++)
        {
            if ((mutant is Mutant.RevocationsAreHidden && changes[i]!["revoked"] is not null)
                || (mutant is Mutant.CursorsNeverEnd && changes[i]!["resync"] is not null))
            {
                changes[i] = Nothing((string)changes[i]!["scope"]!, (string?)asked["pull"]![i]!["cursor"]);
            }

            ChangePage(changes[i]!.AsObject());
        }

        return new SyncReply(200, Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    private void ChangeResults(JsonArray push, JsonArray results)
    {
        if (mutant is Mutant.MutationsAreDropped && push.LastOrDefault() is { } last
            && !results.Any(result => (long)result!["seq"]! == (long)last["seq"]!))
        {
            results.Add(new JsonObject { ["seq"] = (long)last["seq"]!, ["status"] = "applied", ["version"] = HybridClock.Zero });
        }

        foreach (var result in results.Where(_ => mutant is Mutant.EffectsAreDenied))
        {
            if ((string?)result!["status"] == "applied" && ++_count % 10 == 0)
            {
                result["status"] = "rejected";
            }
        }
    }

    private void ChangePage(JsonObject page)
    {
        var records = page["records"]!.AsArray();
        switch (mutant)
        {
            case Mutant.ChangesAreSkipped when records.Count > 0 && ++_count % 10 == 0:
                records.RemoveAt(0);
                break;
            case Mutant.PagesEndEarly when page["resync"] is null:
                page["hasMore"] = false;
                page.Remove("checksums");
                break;
            case Mutant.DeletionsAreHidden:
                page["removed"] = new JsonArray();
                break;
            case Mutant.ChecksumsAreWrong when page["checksums"] is JsonArray { Count: > 0 } checksums:
                checksums[0]!["count"] = 0;
                break;
        }
    }

    private static JsonObject Nothing(string scope, string? cursor) => new()
    {
        ["scope"] = scope, ["cursor"] = cursor, ["hasMore"] = false, ["records"] = new JsonArray(), ["removed"] = new JsonArray(),
    };

    /// <summary>What a commit that was cut short leaves on a disk.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Tear(Mutant mutant, IReadOnlyDictionary<string, string?> changes) =>
        changes.Where(change => mutant is Mutant.CursorsComeFirst && change.Key.StartsWith("cursor ", StringComparison.Ordinal));

    /// <summary>What a device finds when it starts.</summary>
    public static Dictionary<string, string> Start(Mutant mutant, Dictionary<string, string> values)
    {
        if (mutant is Mutant.QueuesAreLost)
        {
            return values.Where(value => !value.Key.StartsWith("mutation ", StringComparison.Ordinal)).ToDictionary();
        }

        if (mutant is Mutant.NumbersComeAgain && values.TryGetValue("client", out var client))
        {
            var json = JsonNode.Parse(client)!;
            var last = values.Keys.Where(key => key.StartsWith("mutation ", StringComparison.Ordinal))
                .Select(key => long.Parse(key.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
            json["nextSeq"] = Math.Max(last + 1, (long)json["nextSeq"]! - 3);
            values["client"] = json.ToJsonString();
        }

        return values;
    }
}
