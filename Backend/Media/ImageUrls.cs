using System.Globalization;
using Backend.Media.Delivery;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>
/// URLs of images that work without a token, as <c>img</c> elements and image views of apps need. They name the
/// content's version, so what they serve never changes and caches keep it for good. Those of public media never expire,
/// so that all clients share one URL.
/// </summary>
internal sealed class ImageUrls(Signer signer, IOptions<MediaOptions> options, TimeProvider time)
{
    private const string Purpose = "image-url";

    /// <summary>Path and query of a rendition.</summary>
    public ImageUrl Create(Scope scope, RecordId id, string version, string preset) =>
        Create(scope, id, version, preset, $"/i/{id}/{preset}?");

    /// <summary>Path and query of an image that is made on demand.</summary>
    public ImageUrl Create(Scope scope, RecordId id, string version, ImageTransform transform) =>
        Create(scope, id, version, KeyOf(transform), $"/i/{id}?{transform.ToQuery()}&");

    public SignatureState Check(string id, ImageTransform transform, SignedImage signed) => Check(id, KeyOf(transform), signed);

    /// <param name="id">The media record as sent.</param>
    /// <param name="preset">The preset as sent.</param>
    /// <param name="signed">What else the URL states.</param>
    public SignatureState Check(string id, string preset, SignedImage signed)
    {
        var expires = 0L;
        if ((signed.Expires is { } text && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out expires))
            || !signer.Verify(
                Purpose, Text(id, preset, signed.Scope, signed.Version, signed.Expires is null ? null : expires), signed.Signature))
        {
            return SignatureState.Wrong;
        }

        return signed.Expires is null || time.GetUtcNow().ToUnixTimeSeconds() < expires ? SignatureState.Good : SignatureState.Expired;
    }

    private ImageUrl Create(Scope scope, RecordId id, string version, string what, string path)
    {
        var period = (long)TimeSpan.FromHours(options.Value.ImageUrlHours).TotalSeconds;
        // The end of the next period: the same URL for a whole period, good for one to two of them.
        var expires = scope.Kind is ScopeKind.Public
            ? default(long?)
            : ((time.GetUtcNow().ToUnixTimeSeconds() / period) + 2) * period;
        var signature = signer.Sign(Purpose, Text(id.Value, what, scope.Value, version, expires));
        var expiry = expires is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"&exp={seconds}") : "";
        return new ImageUrl(
            $"{path}scope={Uri.EscapeDataString(scope.Value)}&v={version}{expiry}&sig={signature}",
            expires is { } end ? DateTimeOffset.FromUnixTimeSeconds(end) : null);
    }

    /// <summary>No preset's name has a question mark.</summary>
    private static string KeyOf(ImageTransform transform) => $"?{transform.ToQuery()}";

    /// <summary>Only the scope may contain odd characters, so it comes last.</summary>
    private static string Text(string id, string what, string? scope, string? version, long? expires) =>
        string.Create(CultureInfo.InvariantCulture, $"{id}\n{what}\n{version}\n{expires}\n{scope}");
}

/// <param name="PathAndQuery">Relative to the server's address.</param>
/// <param name="ExpiresAt">When it stops working; null for never.</param>
internal sealed record ImageUrl(string PathAndQuery, DateTimeOffset? ExpiresAt);

/// <summary>What a signed URL states beside its path.</summary>
internal sealed record SignedImage(string? Scope, string? Version, string? Expires, string? Signature);

internal enum SignatureState
{
    Good,
    Wrong,
    Expired,
}
