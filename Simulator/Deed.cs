using SyncClient;

namespace Simulator;

/// <summary>Something that somebody did to a record, and what is to be seen of it if it has its effect.</summary>
/// <param name="Device">Where it was done; null for the data API.</param>
/// <param name="Record">To what.</param>
internal sealed record Deed(Device? Device, RecordAddress Record)
{
    /// <summary>What the device sends of it; null for the data API.</summary>
    public Mutation? Mutation { get; set; }

    /// <summary>An element, its own, that it adds to a set from which nobody removes it: whether it is there tells whether the deed had its effect.</summary>
    public string? Witness { get; init; }

    /// <summary>What it adds to the counter, together with the witness.</summary>
    public int Likes { get; init; }

    /// <summary>Elements that others add and remove, too.</summary>
    public string? Adds { get; init; }

    public string? Removes { get; init; }

    /// <summary>What was scored, of a record that a resolver merges.</summary>
    public int Score { get; init; }

    /// <summary>A title of its own.</summary>
    public string? Title { get; init; }

    /// <summary>Whether the record is one that may be deleted.</summary>
    public bool IsMortal { get; init; }

    /// <summary>A text of its own, of such a record.</summary>
    public string? Text { get; init; }

    /// <summary>When the store got it, and in which version of the record; null when it never did.</summary>
    public Commit? Commit { get; set; }

    /// <summary>What the data API answered.</summary>
    public Fate Answer { get; init; }

    /// <summary>What became of it, as its device was told in the end.</summary>
    /// <remarks>
    /// What was sent and then given up because the scope was gone may have arrived or not; the client is told so. So it is of what
    /// was sent again after everybody has forgotten.
    /// </remarks>
    public Fate Fate => Device is null ? Answer
        : Device.Client.Refusals.FirstOrDefault(refusal => refusal.Mutation.Seq == Mutation!.Seq) is not { } refusal ? Fate.Taken
        : refusal is { Status: "revoked", Mutation.SentAt: not null } or { Code: "outcome_unknown" } ? Fate.Unknown
        : Fate.Refused;

    public bool IsOf(Device? device) => Device == device;

    public override string ToString() => Device is null ? "the data API" : $"{Device.Name}#{Mutation!.Seq} ({Mutation.Stamp}, {Commit})";
}

/// <param name="At">The server's time.</param>
/// <param name="Version">The record's version.</param>
internal sealed record Commit(DateTimeOffset At, string Version);

internal enum Fate
{
    Taken,
    Refused,
    Unknown,
}
