using System.Globalization;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>
/// URLs of renditions that work without a token, as <c>img</c> elements and image views of apps need. They name the
/// content's version, so what they serve never changes and caches keep it for good.
/// </summary>
internal sealed class ImageUrls(Signer signer, IOptions<MediaOptions> options, TimeProvider time)
{
    private const string Purpose = "image-url";

    /// <summary>Path and query of a rendition.</summary>
    public string Create(Scope scope, RecordId id, string version, string preset)
    {
        var period = (long)TimeSpan.FromHours(options.Value.ImageUrlHours).TotalSeconds;
        // The end of the next period: the same URL for a whole period, good for one to two of them.
        var expires = ((time.GetUtcNow().ToUnixTimeSeconds() / period) + 2) * period;
        var signature = signer.Sign(Purpose, Text(id.Value, preset, scope.Value, version, expires));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"/i/{id}/{preset}?scope={Uri.EscapeDataString(scope.Value)}&v={version}&exp={expires}&sig={signature}");
    }

    public SignatureState Check(string id, string preset, SignedImage signed)
    {
        if (!long.TryParse(signed.Expires, NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || !signer.Verify(Purpose, Text(id, preset, signed.Scope, signed.Version, expires), signed.Signature))
        {
            return SignatureState.Wrong;
        }

        return time.GetUtcNow().ToUnixTimeSeconds() < expires ? SignatureState.Good : SignatureState.Expired;
    }

    /// <summary>Only the scope may contain odd characters, so it comes last.</summary>
    private static string Text(string id, string preset, string? scope, string? version, long expires) =>
        string.Create(CultureInfo.InvariantCulture, $"{id}\n{preset}\n{version}\n{expires}\n{scope}");
}

/// <summary>What a signed URL states beside its path.</summary>
internal sealed record SignedImage(string? Scope, string? Version, string? Expires, string? Signature);

internal enum SignatureState
{
    Good,
    Wrong,
    Expired,
}
