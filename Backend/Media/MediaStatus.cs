using System.Text.Json.Serialization;

namespace Backend.Media;

/// <summary>Where a media record stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MediaStatus>))]
internal enum MediaStatus
{
    /// <summary>An upload URL was issued; no bytes have arrived.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>The bytes have arrived and wait to be processed.</summary>
    [JsonStringEnumMemberName("uploaded")]
    Uploaded,

    /// <summary>Accepted as an image; its renditions are being made.</summary>
    [JsonStringEnumMemberName("processing")]
    Processing,

    /// <summary>All renditions are there.</summary>
    [JsonStringEnumMemberName("ready")]
    Ready,

    /// <summary>Nothing was made of it; the record's reason says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Gone, and with it every blob; what a tombstone says.</summary>
    [JsonStringEnumMemberName("deleted")]
    Deleted,
}

/// <summary>
/// Which moves are legal. Bytes that arrive start over from any state but the last. What is ready stays ready while it is
/// processed again, so that nobody loses an image that is only made anew.
/// </summary>
internal static class MediaStates
{
    public static bool CanMove(MediaStatus from, MediaStatus to) => (from, to) switch
    {
        (MediaStatus.Deleted, _) => false,
        (_, MediaStatus.Uploaded or MediaStatus.Deleted) => true,
        (MediaStatus.Uploaded or MediaStatus.Failed, MediaStatus.Processing or MediaStatus.Failed) => true,
        (MediaStatus.Processing, MediaStatus.Processing or MediaStatus.Ready or MediaStatus.Failed) => true,
        (MediaStatus.Ready, MediaStatus.Ready or MediaStatus.Failed) => true,
        _ => false,
    };
}
