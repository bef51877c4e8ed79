using Functions.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(BackendFixture))]

namespace Functions.Tests.Fixtures;

/// <summary>
/// The host that the black-box suites talk to: the one that <c>BACKEND_URL</c> names, else the embedded host started
/// here. Tokens come from <c>BACKEND_TOKEN_URL</c>, a development issuer that the host trusts; by default the host's own
/// <c>/dev/token</c>.
/// </summary>
public class BackendFixture : IAsyncLifetime
{
    private LocalBackend? _local;
    private Uri? _url;
    private Uri? _tokens;

    /// <summary>Whether the host is one that was started elsewhere.</summary>
    public bool IsExternal => _local is null;

    public Uri Url => _url ?? throw new InvalidOperationException("The fixture has not started");

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("BACKEND_URL") is { Length: > 0 } url)
        {
            _url = new Uri(url);
        }
        else
        {
            _local = await StartAsync();
            _url = _local.Url;
        }

        _tokens = Environment.GetEnvironmentVariable("BACKEND_TOKEN_URL") is { Length: > 0 } tokens
            ? new Uri(tokens)
            : new Uri(Url, "/dev/token");
    }

    /// <summary>
    /// Skips a test of what needs transactions over several records where <c>BACKEND_NO_BATCH</c> says that the store of
    /// the host of <c>BACKEND_URL</c> has none: the npm Cosmos server.
    /// </summary>
    public static void NeedsBatch() => Assert.SkipWhen(
        Environment.GetEnvironmentVariable("BACKEND_NO_BATCH") is { Length: > 0 },
        "BACKEND_NO_BATCH: the host's store has no transactions over several records");

    /// <summary>A client of a user whom no other test knows.</summary>
    public Task<ApiClient> NewUserAsync(string prefix = "user") => ClientAsync($"{prefix}-{Guid.NewGuid():n}");

    /// <summary>A client whose token has the administrators' role.</summary>
    public Task<ApiClient> NewAdminAsync() =>
        ApiClient.CreateAsync(Url, _tokens ?? Url, $"admin-{Guid.NewGuid():n}", "admin");

    public Task<ApiClient> ClientAsync(string sub) => ApiClient.CreateAsync(Url, _tokens ?? Url, sub);

    /// <summary>A client without a token.</summary>
    public ApiClient Anonymous() => new(Url, "nobody", token: null);

    /// <summary>Starts the host where no other one is named.</summary>
    protected virtual Task<LocalBackend> StartAsync() => LocalBackend.StartAsync(null, "--Orchestrations:Checks=true");

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_local is not null)
        {
            await _local.DisposeAsync();
        }
    }
}
