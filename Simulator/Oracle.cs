using System.Text.Json.Nodes;
using SyncClient;

namespace Simulator;

/// <summary>Something that the protocol promises did not hold.</summary>
public sealed class PromiseBrokenException(string message) : Exception(message);

/// <summary>
/// Knows every mutation that was made, and so what must have come of it. Each that counts brings an element of its own into a
/// set that nobody removes, so that its effect can be seen once and for all; others bring a text of their own.
/// </summary>
internal sealed class Oracle
{
    private readonly List<(Device Device, long Seq, RecordAddress Record, string Element, int Likes)> _likes = [];
    private readonly List<(Device Device, long Seq, RecordAddress Record, string Element)> _removals = [];
    private readonly List<(Device Device, long Seq, RecordAddress Record, string Text)> _texts = [];

    public void Liked(Device device, long seq, RecordAddress record, string element, int likes) =>
        _likes.Add((device, seq, record, element, likes));

    public void Removed(Device device, long seq, RecordAddress record, string element) => _removals.Add((device, seq, record, element));

    public void Wrote(Device device, long seq, RecordAddress record, string text) => _texts.Add((device, seq, record, text));

    /// <summary>A device that died over an edit and does not know of it.</summary>
    public void Forget(Device device, long seq)
    {
        _likes.RemoveAll(like => like.Device == device && like.Seq == seq);
        _removals.RemoveAll(removal => removal.Device == device && removal.Seq == seq);
        _texts.RemoveAll(text => text.Device == device && text.Seq == seq);
    }

    /// <summary>Compares what the server has in the end with what was done and answered.</summary>
    public void Check(IReadOnlyDictionary<RecordAddress, JsonObject> server)
    {
        foreach (var like in _likes)
        {
            var isThere = TagsOf(server, like.Record).Contains(like.Element);
            var removed = _removals.Exists(removal => removal.Record == like.Record && removal.Element == like.Element
                && FateOf(removal.Device, removal.Seq) is not Fate.Refused);
            Require(FateOf(like.Device, like.Seq) switch
            {
                Fate.Taken => isThere || removed,
                Fate.Refused => !isThere,
                _ => true,
            }, $"{like.Device.Name}#{like.Seq} is {FateOf(like.Device, like.Seq)}, and {like.Element} is {(isThere ? "there" : "not there")}");
        }

        foreach (var removal in _removals.Where(removal => FateOf(removal.Device, removal.Seq) is Fate.Taken))
        {
            Require(!TagsOf(server, removal.Record).Contains(removal.Element),
                $"{removal.Device.Name}#{removal.Seq} removed {removal.Element}, which is there");
        }

        foreach (var group in _likes.Where(like => like.Element[0] == 'k').GroupBy(like => like.Record))
        {
            var tags = TagsOf(server, group.Key);
            var expected = group.Where(like => tags.Contains(like.Element)).Sum(like => like.Likes);
            var actual = server.TryGetValue(group.Key, out var record) && record["likes"] is { } likes ? (int)likes : 0;
            Require(expected == actual, $"{group.Key} has {actual} likes; {expected} were given");
        }

        foreach (var text in _texts.Where(text => FateOf(text.Device, text.Seq) is Fate.Refused))
        {
            Require(!server.TryGetValue(text.Record, out var record) || (string?)record["body"] != text.Text,
                $"{text.Device.Name}#{text.Seq} was refused, and its text is there");
        }
    }

    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new PromiseBrokenException(message);
        }
    }

    private static HashSet<string> TagsOf(IReadOnlyDictionary<RecordAddress, JsonObject> server, RecordAddress record) =>
        server.TryGetValue(record, out var found) && found["tags"] is JsonArray tags ? [.. tags.Select(tag => (string)tag!)] : [];

    /// <summary>
    /// What was sent and then given up because the scope was gone may have arrived or not; the client is told so. So it is
    /// of what was sent again after everybody has forgotten.
    /// </summary>
    private static Fate FateOf(Device device, long seq) =>
        device.Client.Refusals.FirstOrDefault(refusal => refusal.Mutation.Seq == seq) is not { } refusal ? Fate.Taken
        : refusal is { Status: "revoked", Mutation.SentAt: not null } or { Code: "outcome_unknown" } ? Fate.Unknown
        : Fate.Refused;

    private enum Fate
    {
        Taken,
        Refused,
        Unknown,
    }
}
