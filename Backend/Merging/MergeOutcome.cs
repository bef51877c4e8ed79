using Backend.Http;
using Backend.Records;

namespace Backend.Merging;

/// <summary>What a mutation makes of a record.</summary>
internal abstract record MergeOutcome
{
    private MergeOutcome()
    {
    }

    /// <param name="Fields">The fields as they are then.</param>
    /// <param name="State">What the next mutation has to know.</param>
    /// <param name="Stamp">The stamp that the mutation had in the end.</param>
    /// <param name="IsWhole">Whether the record is just what the writer expects: nobody else has a part in it that the writer
    /// had not seen, and nothing of the mutation lost to a later write.</param>
    public sealed record Merged(RecordFields Fields, MergeState State, HybridTimestamp Stamp, bool IsWhole) : MergeOutcome
    {
        public bool Deleted => State.IsDeleted;
    }

    /// <summary>The record has it already.</summary>
    /// <param name="IsWhole">As for <see cref="Merged"/>, by what there is now.</param>
    /// <param name="IsLast">Whether it is the writer's last one there: an earlier one may also have been passed over.</param>
    public sealed record Known(bool IsWhole, bool IsLast) : MergeOutcome;

    /// <summary>The collection asks to be told instead: others have written what the writer had not seen.</summary>
    public sealed record Conflict : MergeOutcome;

    /// <summary>There is nothing that it could change.</summary>
    public sealed record Missing : MergeOutcome;

    /// <summary>It may have had its effect once, and everything that would tell is gone.</summary>
    public sealed record Forgotten : MergeOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : MergeOutcome;
}
