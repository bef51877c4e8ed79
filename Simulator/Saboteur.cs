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
            case Mutant.OldMutationsAreTaken or Mutant.ArrivalIsOrder or Mutant.RemovalsWin:
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

    /// <summary>What a write that was cut short leaves on a disk.</summary>
    public static byte[]? Tear(Mutant mutant, byte[]? before, byte[] after)
    {
        if (mutant is not Mutant.CursorsComeFirst || before is null)
        {
            return before;
        }

        var (old, young) = (JsonNode.Parse(before)!, JsonNode.Parse(after)!);
        foreach (var (scope, copy) in old["scopes"]!.AsObject())
        {
            copy!["cursor"] = young["scopes"]![scope]?["cursor"]?.DeepClone();
        }

        return Encoding.UTF8.GetBytes(old.ToJsonString());
    }

    /// <summary>What a device finds when it starts.</summary>
    public static byte[]? Start(Mutant mutant, byte[]? state)
    {
        if (mutant is not (Mutant.QueuesAreLost or Mutant.NumbersComeAgain) || state is null)
        {
            return state;
        }

        var json = JsonNode.Parse(state)!;
        if (mutant is Mutant.QueuesAreLost)
        {
            json["queue"] = new JsonArray();
        }
        else
        {
            var queue = json["queue"]!.AsArray();
            json["nextSeq"] = Math.Max(queue.Count > 0 ? (long)queue[^1]!["seq"]! + 1 : 1, (long)json["nextSeq"]! - 3);
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
