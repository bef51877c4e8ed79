using Backend.Http;
using Backend.Merging;
using Backend.Records;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Backend.Sync.Push;

/// <summary>What became of one mutation.</summary>
internal sealed record MutationResult(long Seq, MutationStatus Status)
{
    /// <summary>The record's version that has the mutation.</summary>
    public HybridTimestamp? Version { get; init; }

    /// <summary>The stamp that it got, when that is not the one that it came with.</summary>
    public HybridTimestamp? Stamp { get; init; }

    /// <summary>The record as it is now, for a client that cannot know it.</summary>
    public StoredRecord? Record { get; init; }

    public MutationProblem? Problem { get; init; }

    /// <summary>Whether it has no effect and never will have.</summary>
    public bool IsRefused => Status is MutationStatus.Conflict or MutationStatus.Rejected;

    public static MutationResult Rejected(long seq, RecordOutcome outcome) => Rejected(seq, RecordProblems.Of(outcome));

    public static MutationResult Rejected(long seq, ProblemHttpResult problem) =>
        new(seq, MutationStatus.Rejected) { Problem = MutationProblem.Of(problem) };
}

internal enum MutationStatus
{
    /// <summary>It has its effect, and the record is what the client expects.</summary>
    Applied,

    /// <summary>It has its effect on a record that others have changed, too.</summary>
    Merged,

    /// <summary>It has no effect: the collection asks the client to decide.</summary>
    Conflict,

    /// <summary>It has no effect, and sending it again will not help.</summary>
    Rejected,

    /// <summary>It has no effect yet; send it again.</summary>
    Retry,
}

/// <summary>Why a mutation was rejected: what the data API would have answered, as problem details.</summary>
internal sealed record MutationProblem(int Status, string Code, string Detail, IReadOnlyList<FieldError>? Errors = null)
{
    public static MutationProblem Of(ProblemHttpResult problem) => new(
        problem.StatusCode, Problems.CodeOf(problem), problem.ProblemDetails.Detail ?? "", Problems.ErrorsOf(problem));
}
