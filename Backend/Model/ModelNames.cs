using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Backend.Model;

/// <summary>Names that a model can declare, and those that it cannot.</summary>
internal static partial class ModelNames
{
    /// <summary>What every record carries beside its fields.</summary>
    public static readonly FrozenSet<string> ReservedInRecords = new[]
    {
        "id", "scope", "collection", "owner", "createdAt", "updatedAt", "etag", "deleted", "expanded",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Collections that the product itself keeps.</summary>
    public static readonly FrozenSet<string> ReservedCollections = new[]
    {
        AppModel.MediaCollection, AppModel.SpacesCollection, AppModel.InvitationsCollection, AppModel.MembershipsCollection,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a collection or a field can have this name. Stores rely on it: it goes into keys and paths as it is.</summary>
    public static bool IsName(string text) => NamePattern().IsMatch(text);

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9_]{0,63}\z")]
    private static partial Regex NamePattern();
}
