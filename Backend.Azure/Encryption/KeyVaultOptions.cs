using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Encryption;

/// <summary>Where the key that encrypts data keys is kept; configuration section <c>KeyVault</c>.</summary>
public sealed class KeyVaultOptions
{
    public const string Section = "KeyVault";

    /// <summary>
    /// The vault's address, <c>https://contoso.vault.azure.net</c>. Needed when the model has encrypted fields; the managed
    /// identity signs in, with the role "Key Vault Secrets User".
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The secret with the wrapping key: base64 of 32 bytes or more. A new version of it is a new key.</summary>
    [Required]
    public string Secret { get; set; } = "encryption-key";
}

[OptionsValidator]
internal sealed partial class KeyVaultOptionsValidator : IValidateOptions<KeyVaultOptions>;
