using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Media;

/// <summary>Where uploads and renditions are kept; configuration section <c>Blobs</c>.</summary>
public sealed class BlobOptions : IValidatableObject
{
    public const string Section = "Blobs";

    /// <summary>
    /// The account's blob address, for example <c>https://contoso.blob.core.windows.net</c>. The host's managed
    /// identity signs in, which needs the roles "Storage Blob Data Contributor" and, to sign upload URLs, "Storage
    /// Blob Delegator".
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Instead of <see cref="Endpoint"/>: a connection string with the account's key. For development.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Create the containers at start when they are missing, and let pages of <c>Http:CorsOrigins</c> upload. For
    /// development: on Azure the infrastructure does both.
    /// </summary>
    public bool CreateIfMissing { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is null == string.IsNullOrEmpty(ConnectionString))
        {
            yield return new("Set either Endpoint or ConnectionString.", [nameof(Endpoint), nameof(ConnectionString)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class BlobOptionsValidator : IValidateOptions<BlobOptions>;
