using Azure;
using Azure.Storage.Blobs.Models;
using Backend.Records;

namespace Backend.Azure.Media;

/// <summary>
/// Turns an outage that outlasted the SDK's retries into a <see cref="StoreUnavailableException"/>; anything else stays
/// the SDK's exception.
/// </summary>
internal static class BlobFaults
{
    public static async Task<T> CallAsync<T>(Task<T> request)
    {
        try
        {
            return await request;
        }
        // Status 0 means that no answer came. The SDK wraps those of all attempts in one AggregateException.
        catch (RequestFailedException e) when (e.Status is 0 or 408 or 429 or >= 500)
        {
            throw new StoreUnavailableException("Blob Storage cannot answer.", e);
        }
        catch (AggregateException e) when (e.InnerException is RequestFailedException)
        {
            throw new StoreUnavailableException("Blob Storage is out of reach.", e);
        }
    }

    /// <summary>A missing container is an error of the deployment and must not pass for "no such blob".</summary>
    public static bool IsMissingBlob(RequestFailedException e) =>
        e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound;
}
