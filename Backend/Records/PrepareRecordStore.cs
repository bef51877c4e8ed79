using Backend.Encryption;
using Backend.Model.History;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Backend.Records;

/// <summary>
/// Makes the record store ready for the model before any service starts, since a host of another kind may take requests as
/// soon as its own service does. A host that cannot open its encryption keys does not start, instead of failing requests.
/// </summary>
/// <param name="services">Asked when the host starts, so that the store's options are checked together with all others.</param>
internal sealed class PrepareRecordStore(IServiceProvider services) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await services.GetRequiredService<EstablishModel>().ExecuteWhenReadyAsync(cancellationToken);
        if (services.GetRequiredService<ModelHistory>().HasEncryptedFields)
        {
            await services.GetRequiredService<KeyRing>().OpenAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
