using Backend.Model.History;
using Microsoft.Extensions.Hosting;

namespace Backend.Encryption;

/// <summary>
/// Opens the data keys when the host starts, if the model has encrypted fields: a host that cannot does not start, instead
/// of failing requests.
/// </summary>
internal sealed class OpenKeyRing(KeyRing keys, ModelHistory history) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (history.HasEncryptedFields)
        {
            await keys.OpenAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
