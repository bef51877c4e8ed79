using System.ComponentModel.DataAnnotations;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Records;

/// <summary>Where the records are kept; configuration section <c>Cosmos</c>.</summary>
public sealed class CosmosOptions : IValidatableObject
{
    public const string Section = "Cosmos";

    /// <summary>The account's address, for example <c>https://contoso.documents.azure.com</c>.</summary>
    [Required]
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// The account's key. Leave it out on Azure: without it the host's managed identity signs in, which needs the
    /// account's role "Cosmos DB Built-in Data Contributor".
    /// </summary>
    public string? Key { get; set; }

    [Required]
    public string Database { get; set; } = "backend";

    /// <summary>Its partition key must be <c>/scope</c> and its default time to live -1 ("on, no default").</summary>
    [Required]
    public string Container { get; set; } = "records";

    /// <summary>Direct (TCP, the fastest) or Gateway (HTTPS only: emulators, strict firewalls).</summary>
    [EnumDataType(typeof(ConnectionMode))]
    public ConnectionMode ConnectionMode { get; set; } = ConnectionMode.Direct;

    /// <summary>
    /// Talk to <see cref="Endpoint"/> only, never to the addresses that the account announces: for emulators and
    /// tunnels. It gives up failover to other regions.
    /// </summary>
    public bool LimitToEndpoint { get; set; }

    /// <summary>Accept any TLS certificate. For emulators; refused for an account on Azure.</summary>
    public bool AcceptAnyCertificate { get; set; }

    /// <summary>How long the SDK waits in total for a throttled request (429) before the caller hears of it.</summary>
    public TimeSpan MaxThrottleWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many requests one call of the API sends at a time, where it reads or writes many records. Default: 16.</summary>
    [Range(1, 256)]
    public int MaxParallelRequests { get; set; } = 16;

    /// <summary>Where the change feed's trigger keeps its positions; made beside the records by <see cref="CreateIfMissing"/>.</summary>
    public string? LeaseContainer { get; set; }

    /// <summary>
    /// Create the database and the container at start when they are missing. For development: on Azure the
    /// infrastructure creates them, and a managed identity may not.
    /// </summary>
    public bool CreateIfMissing { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AcceptAnyCertificate && Endpoint?.Host.Contains(".documents.azure.", StringComparison.Ordinal) is true)
        {
            yield return new("An account on Azure has a valid certificate; do not accept any other.", [nameof(AcceptAnyCertificate)]);
        }

        if (MaxThrottleWait < TimeSpan.Zero || MaxThrottleWait > TimeSpan.FromMinutes(1))
        {
            yield return new("Must be from 0 to 1 minute.", [nameof(MaxThrottleWait)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class CosmosOptionsValidator : IValidateOptions<CosmosOptions>;
