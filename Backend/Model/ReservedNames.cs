using System.Collections.Frozen;

namespace Backend.Model;

/// <summary>Names that every record carries beside its fields; a model cannot declare them.</summary>
internal static class ReservedNames
{
    public static readonly FrozenSet<string> OfRecords = new[]
    {
        "id", "scope", "collection", "owner", "createdAt", "updatedAt", "etag", "deleted", "expanded",
    }.ToFrozenSet(StringComparer.Ordinal);
}
