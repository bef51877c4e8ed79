using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Backend.Azure.Media;
using Backend.Records;
using Local.Hosting;
using Microsoft.Extensions.Options;

namespace Local.BlobStorage;

/// <summary>Finds out at the start whether Blob Storage can be used, and says what to do if not.</summary>
internal sealed class BlobStorageStart(
    BlobMediaStore store, BlobServiceClient service, IOptions<BlobOptions> options, string advice) : IHostedService
{
    /// <summary>Longer than the SDK's own attempts take where nothing listens.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            if (options.Value.CreateIfMissing)
            {
                await store.EnsureCreatedAsync(patience.Token);
            }

            await store.CheckAsync(patience.Token);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new StartupException($"Blob Storage at {service.Uri} cannot be reached. {advice}");
        }
        catch (RequestFailedException exception)
        {
            throw new StartupException(
                $"Blob Storage at {service.Uri} answers {exception.Status} {exception.ErrorCode}. Check the credentials, and that the "
                + $"containers exist or {BlobOptions.Section}:{nameof(BlobOptions.CreateIfMissing)} is set.");
        }
        catch (AuthenticationFailedException exception)
        {
            throw new StartupException($"Nobody is signed in for Blob Storage at {service.Uri}: {exception.Message}");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
