namespace Backend.Merging;

/// <summary>The server's time, and how far ahead of it a writer's may be before it is not believed.</summary>
internal readonly record struct MergeClock(DateTimeOffset Now, TimeSpan MaxDrift)
{
    /// <summary>
    /// The stamp that a mutation gets: its own, unless it lies further in the future than a clock may drift. Never below
    /// the writer's last one of the record: what somebody did later stands, whatever was clamped in between.
    /// </summary>
    public HybridTimestamp StampOf(Mutation mutation, MergeState? state)
    {
        var now = HybridTimestamp.At(Now);
        var stamp = mutation.Stamp is { } stated && stated <= HybridTimestamp.At(Now + MaxDrift) ? stated : now;
        return state is not null && state.Writers.TryGetValue(mutation.Writer, out var last) && stamp <= last.Stamp
            ? last.Stamp.Next
            : stamp;
    }

    /// <summary>The version of a write that follows another one, if any, and has a stamp.</summary>
    public HybridTimestamp VersionAfter(HybridTimestamp? version, HybridTimestamp stamp) =>
        HybridTimestamp.Max(
            HybridTimestamp.Max(version?.Next ?? HybridTimestamp.Zero, stamp),
            HybridTimestamp.At(Now));
}
