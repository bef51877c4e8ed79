using System.Diagnostics.CodeAnalysis;
using Azure.Storage.Blobs;
using Backend.Media;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>Tells the product that bytes have arrived. Throwing makes the host deliver the event again.</summary>
[SuppressMessage("Style", "IDE0060", Justification = "A parameter declares the trigger, whether or not it is read.")]
internal sealed class UploadFunctions(ReceiveUpload receive, DurableOrchestrator orchestrator)
{
    // Azurite sends no events, so what is built for debugging looks for blobs itself. Flex Consumption knows events
    // only, which are also faster and cheaper. An attribute's value is fixed when the code is compiled.
#if DEBUG
    private const BlobTriggerSource Source = BlobTriggerSource.LogsAndContainerScan;
#else
    private const BlobTriggerSource Source = BlobTriggerSource.EventGrid;
#endif

    /// <param name="blob">Bound as a client, because that is the one way that downloads nothing.</param>
    /// <param name="path">The blob's name within the container.</param>
    /// <param name="client">For what the upload starts.</param>
    /// <param name="ct">Cancelled when the host stops.</param>
    [Function("UploadCreated")]
    public Task UploadCreated(
        [BlobTrigger(BlobName.Uploads + "/{path}", Source = Source, Connection = "Blobs")] BlobClient blob,
        string path,
        [DurableClient] DurableTaskClient client,
        CancellationToken ct)
    {
        orchestrator.Use(client);
        return receive.ExecuteAsync(path, ct);
    }
}
