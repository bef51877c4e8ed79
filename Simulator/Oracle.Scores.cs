using Backend.Records;

namespace Simulator;

/// <remarks>What a resolver makes of scores.</remarks>
internal sealed partial class Oracle
{
    /// <summary>
    /// Whoever knew of all that others had written sets the score; who did not gets the better of both, or nothing if the resolver leaves
    /// it to the client; and what the resolver has just decided, nobody knows of. Of several deeds that arrive at once the last was
    /// taken; those before may have been refused for other reasons.
    /// </summary>
    private static void JudgeScore(Seen before, StoredRecord after, List<Deed> arrived)
    {
        var device = arrived[0].Device!;
        var deeds = arrived.OrderBy(deed => deed.Mutation!.Seq).ToList();
        HashSet<long> possible = [before.Best];
        var isDecided = false;
        foreach (var deed in deeds)
        {
            var knows = Knows(deed, before.LastOfOthers(device));
            HashSet<long> taken = knows ? Set(deed, possible, device) : [];
            if ((!knows || isDecided) && !ScoreResolver.IsLeft(deed.Score))
            {
                taken.UnionWith(possible.Select(best => Math.Max(best, deed.Score)));
                isDecided = true;
            }

            possible = deed == deeds[^1] ? taken : [.. possible, .. taken];
        }

        var best = ScoreResolver.BestOf(after.Fields);
        Require(possible.Contains(best), $"{after.Key} has the score {best} after {string.Join(", ", arrived)}; it could be {string.Join(", ", possible)}");
    }

    /// <summary>A device whose clock is not believed loses to a later one, whatever it knows.</summary>
    private static HashSet<long> Set(Deed deed, HashSet<long> possible, Device device) =>
        device.Drift.Duration() > MaxDrift ? [.. possible, deed.Score] : [deed.Score];
}
