namespace Simulator;

/// <summary>The time of a simulation; a device's own runs ahead or behind by its drift.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;

    public void Reset(DateTimeOffset now) => _now = now;

    public void Advance(TimeSpan by) => _now += by;
}

/// <summary>A device's wrong clock.</summary>
internal sealed class DriftingTime(TimeProvider time, TimeSpan drift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + drift;
}
