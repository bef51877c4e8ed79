using System.Globalization;
using System.Text.Json.Nodes;
using SyncClient;

namespace Simulator;

/// <remarks>What the server has in the end, compared with what was done and answered.</remarks>
internal sealed partial class Oracle
{
    private const int CounterBits = 16;

    /// <summary>How far a clock may be ahead of the server's before it is not believed.</summary>
    private static readonly TimeSpan MaxDrift = TimeSpan.FromMinutes(1);

    /// <param name="server">The records that there are.</param>
    public void Check(IReadOnlyDictionary<RecordAddress, JsonObject> server)
    {
        foreach (var deed in _deeds)
        {
            CheckEffect(deed, server.GetValueOrDefault(deed.Record));
        }

        foreach (var record in _deeds.Where(deed => !deed.IsMortal).GroupBy(deed => deed.Record))
        {
            var deeds = record.ToList();
            CheckLikes(deeds, server[record.Key]);
            CheckTitle(deeds, server[record.Key]);
            foreach (var label in deeds.Select(deed => deed.Adds).OfType<string>().Distinct())
            {
                CheckLabel(label, deeds, server[record.Key]);
            }
        }

        foreach (var group in _deeds.Where(deed => deed.Mutation?.Group is not null).GroupBy(deed => (deed.Device, deed.Mutation!.Group)))
        {
            Require(
                group.Select(deed => Strings(server[deed.Record], "witnesses").Contains(deed.Witness!)).Distinct().Count() == 1,
                $"Of {string.Join(" and ", group)}, which are one group, one has its effect and one has not");
        }
    }

    private static void CheckEffect(Deed deed, JsonObject? record)
    {
        var fate = deed.Fate;
        Require(fate is not Fate.Taken || deed.Commit is not null, $"{deed} was taken, and the store never got it");
        if (deed.Witness is { } witness)
        {
            var isThere = record is not null && Strings(record, "witnesses").Contains(witness);
            Require(fate is Fate.Unknown || isThere == (fate is Fate.Taken), $"{deed} is {fate} {deed.Device?.Client.Refusals.FirstOrDefault(refusal => refusal.Mutation.Seq == deed.Mutation!.Seq)?.Code}, and {witness} is {(isThere ? "" : "not ")}there");
        }

        Require(
            fate is not Fate.Refused || deed.Text is null || ((string?)record?["body"] ?? (string?)record?["title"]) != deed.Text,
            $"{deed} was refused ({deed.Device?.Client.Refusals.FirstOrDefault(refusal => refusal.Mutation.Seq == deed.Mutation!.Seq)}), and its text is there");
    }

    private static void CheckLikes(List<Deed> deeds, JsonObject record)
    {
        var witnesses = Strings(record, "witnesses");
        var expected = deeds.Where(deed => deed.Witness is { } witness && witnesses.Contains(witness)).Sum(deed => deed.Likes);
        var actual = record["likes"] is { } likes ? (int)likes : 0;
        Require(expected == actual, $"{record["id"]} has {actual} likes; {expected} were given");
    }

    /// <summary>The last writer wins, by the clocks as far as they are believed.</summary>
    private static void CheckTitle(List<Deed> deeds, JsonObject record)
    {
        var titled = deeds.Where(deed => deed.Title is not null).ToList();
        var winner = titled.Find(deed => deed.Title == (string?)record["title"]);
        Require(winner is { Fate: not Fate.Refused }, $"{record["id"]} has the title {record["title"]} of {winner}, which was refused");
        if (winner!.Fate is Fate.Unknown)
        {
            return;
        }

        foreach (var other in titled.Where(deed => deed.Fate is Fate.Taken && deed != winner))
        {
            var isLater = other.Device is not null && other.IsOf(winner.Device)
                ? other.Mutation!.Seq > winner.Mutation!.Seq
                : TimeOf(other, titled.Where(deed => deed.Fate is Fate.Taken)) > TimeOf(winner, titled.Where(deed => deed.Fate is not Fate.Refused));
            Require(!isLater, $"{record["id"]} has the title of {winner}, and {other} is later");
        }
    }

    /// <summary>When a title counts as given: by the device's clock, or the server's where that is not believed. The data API has seen all.</summary>
    /// <param name="deed">Gave the title.</param>
    /// <param name="deeds">Those that gave the record one, as far as it had an effect.</param>
    private static long TimeOf(Deed deed, IEnumerable<Deed> deeds)
    {
        var arrival = deed.Commit!.At.ToUnixTimeMilliseconds();
        if (deed.Device is null)
        {
            return deeds.Where(other => other.Device is not null && other.Commit is { } commit && string.CompareOrdinal(commit.Version, deed.Commit.Version) < 0)
                .Select(other => TimeOf(other, deeds)).Append(arrival).Max();
        }

        var stamp = long.Parse(deed.Mutation!.Stamp, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> CounterBits;
        return stamp <= arrival + (long)MaxDrift.TotalMilliseconds ? stamp : arrival;
    }

    /// <summary>An addition stays unless somebody removed it who had seen it.</summary>
    private static void CheckLabel(string label, List<Deed> deeds, JsonObject record)
    {
        var of = deeds.Where(deed => deed.Adds == label || deed.Removes == label).ToList();
        if (of.Exists(deed => deed.Fate is Fate.Unknown))
        {
            return;
        }

        var taken = of.Where(deed => deed.Fate is Fate.Taken).ToList();
        var stays = taken.Find(addition => addition.Adds == label
            && !taken.Exists(removal => removal.Removes == label && HasSeen(removal, addition)));
        var isThere = Strings(record, "labels").Contains(label);
        Require(isThere || stays is null, $"{label} of {record["id"]} is gone, which {stays} added and nobody who knew removed");
        Require(!isThere || stays is not null, $"{label} of {record["id"]} is there, and all its additions were removed");
    }

    private static bool HasSeen(Deed removal, Deed addition) =>
        string.CompareOrdinal(addition.Commit!.Version, removal.Mutation!.Base) <= 0
        || (addition.IsOf(removal.Device) && addition.Mutation!.Seq < removal.Mutation.Seq);

    private static HashSet<string> Strings(JsonObject record, string field) =>
        record[field] is JsonArray items ? [.. items.Select(item => (string)item!)] : [];
}
