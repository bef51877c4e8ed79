using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;

namespace Functions.Tests.Encryption;

/// <summary>
/// Stands in for a vault behind the real SDK, since there is no emulator: secrets with versions, the sign-in challenge, and
/// the answers to what is not there. As its REST reference describes it; the same suite runs against a real vault.
/// </summary>
internal sealed class KeyVaultDouble : HttpMessageHandler
{
    private readonly List<(string Name, string Version, string Value)> _secrets = [];

    /// <summary>Whether it answers nothing but errors.</summary>
    public bool IsAway { get; set; }

    public SecretClient CreateClient()
    {
        var options = new SecretClientOptions
        {
            Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false)),
            DisableChallengeResourceVerification = true,
        };
        options.Retry.MaxRetries = 0;
        return new SecretClient(new Uri("https://double.vault.azure.net"), new AnyToken(), options);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }

        if (request.Headers.Authorization is null)
        {
            var challenge = new HttpResponseMessage(HttpStatusCode.Unauthorized);
            challenge.Headers.TryAddWithoutValidation(
                "WWW-Authenticate",
                "Bearer authorization=\"https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001\", resource=\"https://vault.azure.net\"");
            return challenge;
        }

        var path = (request.RequestUri?.AbsolutePath ?? "").Trim('/').Split('/');
        if (request.Method == HttpMethod.Put && request.Content is not null)
        {
            var body = JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
            _secrets.Add((path[1], Guid.NewGuid().ToString("n"), body?["value"]?.GetValue<string>() ?? ""));
        }

        var version = path is [_, _, { Length: > 0 } stated] ? stated : null;
        return _secrets.FindLast(secret => secret.Name == path[1] && (version is null || secret.Version == version)) is { Name: not null } found
            ? Answer(HttpStatusCode.OK, new JsonObject
            {
                ["value"] = found.Value,
                ["id"] = $"https://double.vault.azure.net/secrets/{found.Name}/{found.Version}",
                ["attributes"] = new JsonObject { ["enabled"] = true },
            })
            : Answer(HttpStatusCode.NotFound, new JsonObject { ["error"] = new JsonObject { ["code"] = "SecretNotFound" } });
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, JsonObject body) =>
        new(status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    private sealed class AnyToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new("any", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
