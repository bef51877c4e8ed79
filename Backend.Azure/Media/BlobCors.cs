using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Backend.Http;

namespace Backend.Azure.Media;

/// <summary>
/// Lets pages of the origins that may call the API send their uploads, too. The rule is the one of
/// <c>infra/modules/storage.bicep</c>; other people's rules stay.
/// </summary>
internal static class BlobCors
{
    private const string Methods = "PUT";
    private const string AllowedHeaders = "content-type,content-md5,if-none-match,x-ms-*";
    private const string ExposedHeaders = "etag,content-md5,x-ms-*";

    public static async Task ApplyAsync(BlobServiceClient service, HttpOptions options, CancellationToken ct)
    {
        if (options.CorsOrigins.Count == 0)
        {
            return;
        }

        var rule = new BlobCorsRule
        {
            AllowedOrigins = string.Join(',', options.CorsOrigins),
            AllowedMethods = Methods,
            AllowedHeaders = AllowedHeaders,
            ExposedHeaders = ExposedHeaders,
            MaxAgeInSeconds = options.CorsMaxAgeSeconds,
        };
        BlobServiceProperties properties = await BlobFaults.CallAsync(service.GetPropertiesAsync(ct));
        if (properties.Cors.Any(known => AreEqual(known, rule)))
        {
            return;
        }

        // What an earlier start has set, for other origins, gives way.
        properties.Cors = [rule, .. properties.Cors.Where(static known => !IsOurs(known))];
        await BlobFaults.CallAsync(service.SetPropertiesAsync(properties, ct));
    }

    private static bool AreEqual(BlobCorsRule known, BlobCorsRule rule) =>
        IsOurs(known) && (known.AllowedOrigins, known.MaxAgeInSeconds) == (rule.AllowedOrigins, rule.MaxAgeInSeconds);

    private static bool IsOurs(BlobCorsRule known) =>
        (known.AllowedMethods, known.AllowedHeaders, known.ExposedHeaders) == (Methods, AllowedHeaders, ExposedHeaders);
}
