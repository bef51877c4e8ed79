using Backend.Merging;
using Backend.Records;

namespace Simulator;

/// <summary>Of scores that did not know of each other the better one stays; and there are some that it does not decide about.</summary>
/// <param name="mutant">The promise that it breaks.</param>
internal sealed class ScoreResolver(Mutant mutant) : IRecordResolver
{
    public const string Scores = "scores";

    public string Collection => Scores;

    /// <summary>Whether it leaves a score to the client.</summary>
    public static bool IsLeft(long proposed) => proposed % 7 == 0;

    public RecordFields? Resolve(ConflictingWrite write)
    {
        if (mutant is Mutant.ResolversAreIgnored)
        {
            return write.Merged;
        }

        var (current, proposed) = (BestOf(write.Current), BestOf(write.Proposed));
        return IsLeft(proposed) ? null : RecordFields.Write(json => json.WriteNumber("best", Math.Max(current, proposed)));
    }

    public static long BestOf(RecordFields fields) => fields.TryGet("best", out var best) ? best.GetInt64() : 0;
}
