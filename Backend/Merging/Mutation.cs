using System.Text.Json;

namespace Backend.Merging;

/// <summary>One change of one record, as its writer made it, possibly long ago and without having seen what others did.</summary>
internal sealed record Mutation
{
    public required MutationOp Op { get; init; }

    public required string Writer { get; init; }

    /// <summary>The writer's own number of it; greater than that of every mutation before.</summary>
    public required long Seq { get; init; }

    /// <summary>When it was made, by the writer's clock; null for the server's time.</summary>
    public HybridTimestamp? Stamp { get; init; }

    /// <summary>
    /// The record's version that the writer had; <see cref="HybridTimestamp.Zero"/> for none. Null when the writer does not
    /// say: then it has seen what was written up to its stamp.
    /// </summary>
    public HybridTimestamp? Base { get; init; }

    /// <summary>The members of <c>fields</c>; an empty object for a deletion.</summary>
    public required JsonElement Fields { get; init; }

    /// <summary>Whether it may have been received so long ago that nobody remembers.</summary>
    public bool IsForgotten { get; init; }
}

internal enum MutationOp
{
    /// <summary>The whole record: creates it, or sets each field that clients set.</summary>
    Put,

    /// <summary>The fields that it names.</summary>
    Patch,

    Delete,
}
