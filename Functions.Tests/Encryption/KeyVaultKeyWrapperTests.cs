using System.Security.Cryptography;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Backend.Azure.Encryption;
using Backend.Encryption;
using Backend.Records;

namespace Functions.Tests.Encryption;

/// <summary>
/// Runs against the vault that <c>KEYVAULT_ENDPOINT</c> names, as whoever DefaultAzureCredential finds, with the role "Key
/// Vault Secrets Officer"; else against a stand-in (<see cref="KeyVaultDouble"/>).
/// </summary>
public sealed class KeyVaultKeyWrapperTests : KeyWrapperContract, IDisposable
{
    private readonly string _name = $"test-{Guid.NewGuid():n}";
    private readonly KeyVaultDouble _double = new();
    private SecretClient? _client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vault_that_does_not_answer_is_unavailable_and_no_lost_key()
    {
        var client = _double.CreateClient();
        await client.SetSecretAsync(_name, NewKey(), Ct);
        var wrapper = new KeyVaultKeyWrapper(client, _name);
        var wrapped = await wrapper.WrapAsync(new byte[32], Ct);
        _double.IsAway = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => wrapper.GetCurrentKeyIdAsync(Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => wrapper.UnwrapAsync(wrapped, Ct));
    }

    [Fact]
    public async Task A_secret_that_is_no_key_is_said_to_be_none()
    {
        var client = _double.CreateClient();
        await client.SetSecretAsync(_name, "short", Ct);

        await Assert.ThrowsAsync<CryptographicException>(() => new KeyVaultKeyWrapper(client, _name).GetCurrentKeyIdAsync(Ct));
    }

    public void Dispose() => _double.Dispose();

    protected override async Task<IKeyWrapper> CreateAsync()
    {
        if (_client is null)
        {
            _client = Environment.GetEnvironmentVariable("KEYVAULT_ENDPOINT") is { Length: > 0 } endpoint
                ? new SecretClient(new Uri(endpoint), new DefaultAzureCredential())
                : _double.CreateClient();
            await AddKeyAsync();
        }

        return new KeyVaultKeyWrapper(_client, _name);
    }

    protected override async Task AddKeyAsync() =>
        await (_client ?? throw new InvalidOperationException("There is no vault")).SetSecretAsync(_name, NewKey(), Ct);

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
