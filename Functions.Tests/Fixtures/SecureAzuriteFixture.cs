using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Functions.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(SecureAzuriteFixture))]

namespace Functions.Tests.Fixtures;

/// <summary>
/// Azurite over HTTPS, which accepts bearer tokens: the way that a managed identity takes, with user delegation keys
/// in place of the account's key. Started for the first test that asks.
/// </summary>
public sealed class SecureAzuriteFixture : IAsyncDisposable
{
    private readonly Lazy<Task<(NodeServer Server, Uri Address)>> _running;
    private readonly HttpClient _http;
    private DirectoryInfo? _folder;

    public SecureAzuriteFixture()
    {
        _running = new(StartAsync);
        _http = CreateHttpClient();
    }

    /// <summary>A client that signs in with a token, as with a managed identity.</summary>
    public async Task<BlobServiceClient> ClientAsync()
    {
        var (_, address) = await _running.Value;
        return new BlobServiceClient(
            new Uri(address, AzuriteFixture.Account),
            new AnyoneCredential(),
            new BlobClientOptions { Transport = new HttpClientTransport(_http) });
    }

    /// <summary>A client that accepts this server's certificate.</summary>
    public static HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
#pragma warning disable CA5359 // the certificate was made a moment ago by this process
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    });

    public async ValueTask DisposeAsync()
    {
        if (_running.IsValueCreated)
        {
            await (await _running.Value).Server.DisposeAsync();
        }

        _http.Dispose();
        _folder?.Delete(recursive: true);
    }

    private async Task<(NodeServer Server, Uri Address)> StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("azurite-");
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(_folder.FullName, "cert.pem"), Path.Combine(_folder.FullName, "key.pem"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        return await AzuriteFixture.StartAsync("--oauth", "basic", "--cert", certificateFile, "--key", keyFile);
    }

    /// <summary>Azurite checks a token's claims and dates, not who signed it.</summary>
    private sealed class AnyoneCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            var now = TimeProvider.System.GetUtcNow();
            var expires = now.AddHours(1);
            var claims = $$"""
                {"aud":"https://storage.azure.com","iss":"https://sts.windows.net/00000000-0000-0000-0000-000000000001/",
                 "iat":{{now.AddMinutes(-5).ToUnixTimeSeconds()}},"nbf":{{now.AddMinutes(-5).ToUnixTimeSeconds()}},
                 "exp":{{expires.ToUnixTimeSeconds()}},"oid":"00000000-0000-0000-0000-000000000002",
                 "tid":"00000000-0000-0000-0000-000000000001","ver":"1.0"}
                """;
            return new AccessToken($"{Encode("""{"alg":"RS256","typ":"JWT"}""")}.{Encode(claims)}.{Encode("none")}", expires);
        }

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));

        private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }
}
