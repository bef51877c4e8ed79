using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Encryption;

/// <summary>How values of <c>encrypted</c> fields are kept.</summary>
public sealed class EncryptionOptions
{
    public const string Section = "Encryption";

    /// <summary>
    /// After how many days new values are encrypted by a new data key. Old keys stay, for what they encrypted. Default: 90.
    /// </summary>
    [Range(1, 3_650)]
    public int DataKeyDays { get; set; } = 90;
}

[OptionsValidator]
internal sealed partial class EncryptionOptionsValidator : IValidateOptions<EncryptionOptions>;
