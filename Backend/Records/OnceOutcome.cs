namespace Backend.Records;

/// <summary>What became of a request with an idempotency key.</summary>
internal abstract record OnceOutcome
{
    private OnceOutcome()
    {
    }

    /// <param name="Answer">What every attempt of the request gets.</param>
    /// <param name="IsReplay">Whether an earlier attempt made it.</param>
    public sealed record Answered(StoredAnswer Answer, bool IsReplay) : OnceOutcome;

    /// <summary>The key came with another request before.</summary>
    public sealed record KeyReused : OnceOutcome;

    /// <summary>Nothing was written, and the key is as good as new.</summary>
    public sealed record Failed(RecordOutcome Outcome) : OnceOutcome;
}
