using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Backend.Configuration;
using Backend.Encryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Backend.Azure.Encryption;

public static class KeyVaultEncryption
{
    /// <summary>
    /// Encrypts fields under a key of Key Vault, as the configuration section <c>KeyVault</c> says. Without an endpoint
    /// a model with encrypted fields does not start.
    /// </summary>
    public static IServiceCollection AddKeyVaultEncryption(this IServiceCollection services)
    {
        services.AddOptions<KeyVaultOptions>().BindConfiguration(KeyVaultOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeyVaultOptions>, KeyVaultOptionsValidator>();
        services.AddKnownSection(KeyVaultOptions.Section, nameof(KeyVaultOptions.Endpoint), nameof(KeyVaultOptions.Secret));
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        return services.AddSingleton<IKeyWrapper>(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<KeyVaultOptions>>().Value;
            return options.Endpoint is { } endpoint
                ? new KeyVaultKeyWrapper(new SecretClient(endpoint, provider.GetRequiredService<TokenCredential>()), options.Secret)
                : new MissingKeyVault();
        });
    }

    private sealed class MissingKeyVault : IKeyWrapper
    {
        public Task<string> GetCurrentKeyIdAsync(CancellationToken ct) => throw Missing();

        public Task<WrappedKey> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken ct) => throw Missing();

        public Task<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken ct) => throw Missing();

        private static InvalidOperationException Missing() =>
            new("The model has encrypted fields, so KeyVault:Endpoint is needed: the vault with the key to encrypt them");
    }
}
