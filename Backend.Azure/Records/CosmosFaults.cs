using System.Globalization;
using System.Net;
using Backend.Records;
using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <summary>
/// Tells apart what Cosmos answers: an outcome stays a response, an outage that outlasted the SDK's retries becomes a
/// <see cref="StoreUnavailableException"/>, anything else stays the SDK's exception.
/// </summary>
internal static class CosmosFaults
{
    private const int ReadSessionNotAvailable = 1002; // no replica has caught up with this client's own writes yet

    public static async Task<ResponseMessage> SendAsync(Task<ResponseMessage> request)
    {
        var response = await CallAsync(request);
        if (!IsOutage(response.StatusCode, SubStatus(response)))
        {
            return response;
        }

        using (response)
        {
            var retryAfter = response.Headers["x-ms-retry-after-ms"];
            throw new StoreUnavailableException($"Cosmos DB answered {(int)response.StatusCode}: {response.ErrorMessage}")
            {
                RetryAfter = double.TryParse(retryAfter, CultureInfo.InvariantCulture, out var milliseconds)
                    ? TimeSpan.FromMilliseconds(milliseconds)
                    : null,
            };
        }
    }

    public static async Task<T> CallAsync<T>(Task<T> request)
    {
        try
        {
            return await request;
        }
        catch (CosmosException e) when (IsOutage(e.StatusCode, e.SubStatusCode))
        {
            throw new StoreUnavailableException("Cosmos DB cannot answer.", e) { RetryAfter = e.RetryAfter };
        }
        catch (HttpRequestException e)
        {
            throw new StoreUnavailableException("Cosmos DB is out of reach.", e);
        }
    }

    /// <summary>
    /// Only a plain 404 says that the item is not there; with another substatus the container is missing or the replica
    /// lags, and neither may pass for "no such record".
    /// </summary>
    public static bool IsMissingItem(ResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NotFound && SubStatus(response) == 0;

    private static int SubStatus(ResponseMessage response) =>
        int.TryParse(response.Headers["x-ms-substatus"], CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static bool IsOutage(HttpStatusCode status, int subStatus) => (int)status switch
    {
        404 => subStatus == ReadSessionNotAvailable,
        408 or 410 or 429 or 449 or >= 500 => true,
        _ => false,
    };
}
