namespace Backend.Records;

/// <summary>
/// Keeps those who write one record at the same time out of each other's way. Without a pause all of them read and write at
/// once, one gets through, and the others have paid for nothing: to Cosmos DB a write that lost is a request like any other.
/// </summary>
internal static class Contention
{
    private const int FirstMilliseconds = 10;
    private const int MostMilliseconds = 250;

    /// <summary>Waits for a random time, of which the bound doubles with each write that lost.</summary>
    /// <param name="lost">How many writes of this change have lost, from 1.</param>
    /// <param name="time">The time.</param>
    /// <param name="ct">Ends the wait.</param>
    public static Task PauseAsync(int lost, TimeProvider time, CancellationToken ct)
    {
        var bound = Math.Min(FirstMilliseconds * Math.Pow(2, lost - 1), MostMilliseconds);
        return Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound), time, ct);
    }
}
