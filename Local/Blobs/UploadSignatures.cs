using System.Globalization;
using Backend.Media;
using Backend.Security;

namespace Local.Blobs;

/// <summary>
/// Signed upload URLs, as shared access signatures are in the cloud: they allow one method on one blob until they expire,
/// with one content type and up to one size.
/// </summary>
internal sealed class UploadSignatures(Signer signer, TimeProvider time)
{
    private const string Purpose = "upload-url";

    /// <summary>Create and write, in the letters of shared access signatures; the only one there is.</summary>
    private const string Permission = "cw";

    /// <summary>Path and query; percent signs in a blob's name are its own and are escaped once more.</summary>
    public string CreateUrl(BlobName name, UploadTerms terms)
    {
        var path = string.Join('/', name.ToString().Split('/').Select(Uri.EscapeDataString));
        var expires = terms.ExpiresAt.ToUnixTimeSeconds();
        var signature = signer.Sign(Purpose, Text(name.ToString(), terms.ContentType, terms.MaxBytes, expires));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"/blobs/{path}?sp={Permission}&se={expires}&rsct={Uri.EscapeDataString(terms.ContentType)}&max={terms.MaxBytes}&sig={signature}");
    }

    /// <summary>What a URL allows; null when its signature is wrong or it has expired.</summary>
    public UploadTerms? Check(string name, IQueryCollection query)
    {
        if (query["sp"] != Permission
            || !long.TryParse(query["se"], NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || !long.TryParse(query["max"], NumberStyles.None, CultureInfo.InvariantCulture, out var maxBytes)
            || query["rsct"] is not [{ } contentType]
            || !signer.Verify(Purpose, Text(name, contentType, maxBytes, expires), query["sig"]))
        {
            return null;
        }

        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(expires);
        return time.GetUtcNow() < expiresAt ? new UploadTerms(contentType, maxBytes, expiresAt) : null;
    }

    private static string Text(string name, string contentType, long maxBytes, long expires) =>
        string.Create(CultureInfo.InvariantCulture, $"{expires}\n{maxBytes}\n{contentType}\n{name}");
}
