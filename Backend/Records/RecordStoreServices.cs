using Backend.Encryption;
using Backend.Model.History;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Backend.Records;

public static class RecordStoreServices
{
    /// <summary>
    /// Registers a host's <see cref="IRecordStore"/> behind what the product does for every store: the model is compared
    /// with what is stored when the host starts, what it no longer has is kept out of sight, and encrypted fields are
    /// encrypted, if the host has an <see cref="IKeyWrapper"/>.
    /// </summary>
    /// <param name="services">The host's services, of which what makes the store ready is registered already.</param>
    /// <param name="store">The adapter.</param>
    public static IServiceCollection AddRecordStore(this IServiceCollection services, Func<IServiceProvider, IRecordStore> store)
    {
        services.TryAddSingleton<ModelHistory>();
        services.AddOptions<EncryptionOptions>().BindConfiguration(EncryptionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<EncryptionOptions>, EncryptionOptionsValidator>();
        services.AddSingleton(provider => new KeyRing(
            store(provider),
            provider.GetService<IKeyWrapper>(),
            provider.GetRequiredService<IOptions<EncryptionOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRecordStore>(provider =>
        {
            var history = provider.GetRequiredService<ModelHistory>();
            return new RetainingRecordStore(
                new EncryptedRecordStore(store(provider), history, provider.GetRequiredService<KeyRing>()), history);
        });
        return services.AddSingleton<EstablishModel>().AddHostedService<PrepareRecordStore>();
    }
}
