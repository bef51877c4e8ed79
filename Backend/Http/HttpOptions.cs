using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Backend.Http;

/// <summary>Limits of the HTTP API. Section <c>Http</c>.</summary>
public sealed class HttpOptions
{
    /// <summary>The largest request body after decompression, in bytes. Default: 1 MiB.</summary>
    [Range(1_024, 100 * 1_048_576)]
    public int MaxBodyBytes { get; set; } = 1_048_576;

    /// <summary>How deep the JSON of a request may be nested. Default: 32.</summary>
    [Range(4, 256)]
    public int MaxJsonDepth { get; set; } = 32;

    /// <summary>
    /// The address under which clients reach the API, such as <c>https://api.example.com</c>, for URLs in answers. Needed
    /// behind a proxy that changes the host or ends TLS. Default: the address of each request.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>
    /// Origins whose pages may call the API from a browser, such as <c>https://app.example.com</c>; <c>*</c> for all.
    /// Default: none. Apps that are no web pages do not need it.
    /// </summary>
    public IList<string> CorsOrigins { get; set; } = [];

    /// <summary>How long browsers may remember that an origin is allowed, in seconds. Default: 600.</summary>
    [Range(0, 86_400)]
    public int CorsMaxAgeSeconds { get; set; } = 600;
}

[OptionsValidator]
internal sealed partial class HttpOptionsValidator : IValidateOptions<HttpOptions>;
