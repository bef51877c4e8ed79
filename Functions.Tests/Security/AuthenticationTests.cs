using System.Net;
using System.Security.Cryptography;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Security;

/// <summary>Tokens of a configured OpenID Connect issuer, right and wrong.</summary>
public sealed class AuthenticationTests : IAsyncLifetime
{
    private TestIssuer? _issuer;
    private LocalBackend? _backend;

    private TestIssuer Issuer => _issuer ?? throw new InvalidOperationException("Not started");

    private LocalBackend Backend => _backend ?? throw new InvalidOperationException("Not started");

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        _backend = await LocalBackend.StartAsync(
            null, $"--Auth:Authority={_issuer.Url}", "--Auth:Audience=app", "--Auth:AllowHttp=true",
            "--Auth:KeyRefreshSeconds=1", "--Auth:ClockSkewSeconds=0");
    }

    [Fact]
    public async Task A_good_token_is_accepted() =>
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(Issuer.CreateToken())).Status);

    [Fact]
    public async Task A_missing_token_is_refused_and_told_which_scheme()
    {
        var answer = await PostAsync(null);

        answer.AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task An_expired_token_is_refused() =>
        await AssertRefusedAsync(Issuer.CreateToken(expiresIn: TimeSpan.FromMinutes(-1)), "expired");

    [Fact]
    public async Task A_token_for_another_audience_is_refused() =>
        await AssertRefusedAsync(Issuer.CreateToken(audience: "other"), "audience");

    [Fact]
    public async Task A_token_of_another_issuer_is_refused() =>
        await AssertRefusedAsync(Issuer.CreateToken(issuer: "https://evil.example"), "issuer");

    [Fact]
    public async Task A_token_signed_by_another_key_is_refused()
    {
        using var key = RSA.Create(2048);
        await AssertRefusedAsync(Issuer.CreateToken(key: key), "signature");
    }

    [Fact]
    public async Task An_unsigned_token_is_refused() => await AssertRefusedAsync(Issuer.CreateUnsignedToken(), "");

    [Fact]
    public async Task A_token_signed_with_the_public_key_as_a_secret_is_refused() =>
        await AssertRefusedAsync(Issuer.CreateHmacToken(), "");

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    public async Task A_malformed_token_is_refused(string token) => await AssertRefusedAsync(token, "");

    [Fact]
    public async Task A_token_without_a_subject_is_refused() =>
        await AssertRefusedAsync(Issuer.CreateToken(sub: null), "");

    [Fact]
    public async Task A_rotated_key_is_fetched_and_the_old_one_is_forgotten()
    {
        var old = Issuer.CreateToken();
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(old)).Status);
        Issuer.RotateKey();

        // The refresh runs beside the request that noticed, at most once a second here.
        await Eventually.TrueAsync(async () => (await PostAsync(Issuer.CreateToken())).Status == HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(old)).Status);
    }

    [Fact]
    public async Task While_the_issuer_cannot_be_reached_the_answer_is_503_and_not_401()
    {
        var token = Issuer.CreateToken();
        await using var alone = await LocalBackend.StartAsync(
            null, "--Auth:Authority=http://127.0.0.1:1", "--Auth:Audience=app", "--Auth:AllowHttp=true");
        using var client = new ApiClient(alone.Url, "alice", token);

        var answer = await client.PostAsync("/v1/data/notes", """{"title":"a"}""");

        answer.AssertProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.Equal("5", answer.Headers["Retry-After"]);
    }

    [Fact]
    public async Task There_is_no_development_issuer_beside_a_configured_one()
    {
        using var client = new ApiClient(Backend.Url, "nobody", null);

        (await client.PostAsync("/dev/token", """{"sub":"alice"}""")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        if (_issuer is not null)
        {
            await _issuer.DisposeAsync();
        }
    }

    private async Task AssertRefusedAsync(string token, string reason)
    {
        var answer = await PostAsync(token);

        answer.AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.StartsWith("Bearer error=\"invalid_token\", error_description=\"", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Contains(reason, answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    private async Task<ApiAnswer> PostAsync(string? token)
    {
        using var client = new ApiClient(Backend.Url, "alice", token);
        return await client.PostAsync("/v1/data/notes", """{"title":"a"}""");
    }
}
