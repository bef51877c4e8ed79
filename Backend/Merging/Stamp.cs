namespace Backend.Merging;

/// <summary>
/// When a value was written, and by whom: of two values the one with the greater stamp stands. Ties of the clock are
/// broken by the writer, so that every server and every client decides alike.
/// </summary>
/// <param name="Time">By the writer's hybrid logical clock.</param>
/// <param name="Writer">Who wrote; see <see cref="Merging.Writer"/>.</param>
internal readonly record struct Stamp(HybridTimestamp Time, string Writer) : IComparable<Stamp>
{
    public int CompareTo(Stamp other) =>
        Time.CompareTo(other.Time) is not 0 and var order ? order : string.CompareOrdinal(Writer, other.Writer);

    public static bool operator <(Stamp left, Stamp right) => left.CompareTo(right) < 0;

    public static bool operator >(Stamp left, Stamp right) => left.CompareTo(right) > 0;

    public static bool operator <=(Stamp left, Stamp right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Stamp left, Stamp right) => left.CompareTo(right) >= 0;
}

/// <summary>An addition to a set, named by who made it and the record's version that it came with.</summary>
internal readonly record struct Dot(string Writer, HybridTimestamp Version);

/// <summary>How far a writer has come with a record.</summary>
/// <param name="Seq">The last of its mutations that the record has; 0 for the server.</param>
/// <param name="Stamp">The stamp that this one had in the end.</param>
/// <param name="Version">The record's version since then, if nobody else had written.</param>
internal readonly record struct WriterEntry(long Seq, HybridTimestamp Stamp, HybridTimestamp Version);
