using System.Collections.Frozen;

namespace Backend.Model;

/// <summary>Names that a model cannot declare.</summary>
internal static class ReservedNames
{
    /// <summary>What every record carries beside its fields.</summary>
    public static readonly FrozenSet<string> OfRecords = new[]
    {
        "id", "scope", "collection", "owner", "createdAt", "updatedAt", "etag", "deleted", "expanded",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Collections that the product itself keeps.</summary>
    public static readonly FrozenSet<string> OfCollections = new[]
    {
        AppModel.MediaCollection, AppModel.SpacesCollection, AppModel.InvitationsCollection, AppModel.MembershipsCollection,
    }.ToFrozenSet(StringComparer.Ordinal);
}
