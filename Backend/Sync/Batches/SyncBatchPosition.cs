namespace Backend.Sync.Batches;

/// <summary>Which batch of which user.</summary>
internal sealed record SyncBatchName(string User, string Id);

/// <summary>How far a batch has been applied, and what the lines that follow have to know of those before.</summary>
public sealed record SyncBatchPosition
{
    /// <summary>How many chunks were applied; the number of the next.</summary>
    public int Chunk { get; init; }

    /// <summary>Where in the file it goes on, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>How many lines lie before, empty ones among them.</summary>
    public int Line { get; init; }

    /// <summary>The greatest number of a mutation so far.</summary>
    public long LastSeq { get; init; }

    /// <summary>A group that is too large, of which more may follow.</summary>
    public string? RefusedGroup { get; init; }

    /// <summary>
    /// The first mutation that has to be sent again by the client. Nothing from there on counts as acknowledged.
    /// </summary>
    public long? FirstRetry { get; init; }

    /// <summary>Records of such mutations: a later one of them would make the earlier one look as if it had come.</summary>
    public IReadOnlyList<string> Waiting { get; init; } = [];

    public SyncBatchProgress Progress { get; init; } = new();

    /// <summary>Whether nothing follows: the file is at its end, or the batch was given up.</summary>
    public bool IsEnd { get; init; }
}
