namespace Functions.Tests.Fixtures;

/// <summary>The system's clock, which a test can put forward. Timers run as they do, so waits of a host take their own time.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
}
