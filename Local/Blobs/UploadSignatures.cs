using System.Globalization;
using System.Security.Cryptography;
using Backend.Media;
using Backend.Security;

namespace Local.Blobs;

/// <summary>
/// Signed upload URLs, as shared access signatures are in the cloud: they allow one method on one blob until they expire,
/// with one content type and up to one size. Each has an id, so that it can be told when it is used again.
/// </summary>
internal sealed class UploadSignatures(Signer signer, TimeProvider time)
{
    private const string Purpose = "upload-url";

    /// <summary>Create and write, in the letters of shared access signatures; the only one there is.</summary>
    private const string Permission = "cw";

    private const int IdBytes = 12;

    /// <summary>Path and query; percent signs in a blob's name are its own and are escaped once more.</summary>
    public string CreateUrl(BlobName name, UploadTerms terms)
    {
        var path = string.Join('/', name.ToString().Split('/').Select(Uri.EscapeDataString));
        var expires = terms.ExpiresAt.ToUnixTimeSeconds();
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var signature = signer.Sign(Purpose, Text(id, name.ToString(), terms.ContentType, terms.MaxBytes, expires));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"/blobs/{path}?sp={Permission}&se={expires}&rsct={Uri.EscapeDataString(terms.ContentType)}&max={terms.MaxBytes}&id={id}&sig={signature}");
    }

    /// <summary>What a URL allows; null when its signature is wrong or it has expired.</summary>
    public SignedUpload? Check(string name, IQueryCollection query)
    {
        if (query["sp"] != Permission
            || !long.TryParse(query["se"], NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || !long.TryParse(query["max"], NumberStyles.None, CultureInfo.InvariantCulture, out var maxBytes)
            || query["rsct"] is not [{ } contentType]
            || query["id"] is not [{ } id]
            || !signer.Verify(Purpose, Text(id, name, contentType, maxBytes, expires), query["sig"]))
        {
            return null;
        }

        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(expires);
        return time.GetUtcNow() < expiresAt ? new SignedUpload(id, new UploadTerms(contentType, maxBytes, expiresAt)) : null;
    }

    private static string Text(string id, string name, string contentType, long maxBytes, long expires) =>
        string.Create(CultureInfo.InvariantCulture, $"{expires}\n{maxBytes}\n{contentType}\n{id}\n{name}");
}

/// <param name="Id">Tells this URL from all others.</param>
/// <param name="Terms">What it allows.</param>
internal sealed record SignedUpload(string Id, UploadTerms Terms);
