using Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Fixtures;

/// <summary>The embedded host, started in this process on a free port and a folder of its own.</summary>
public sealed class LocalBackend : IAsyncDisposable
{
    private readonly TempFolder? _ownFolder;

    private LocalBackend(WebApplication app, TempFolder? ownFolder)
    {
        App = app;
        _ownFolder = ownFolder;
        Url = new Uri(ServerAddress.Of(app.Services));
    }

    public WebApplication App { get; }

    public Uri Url { get; }

    /// <param name="data">The data folder; null for one that goes with the host.</param>
    /// <param name="settings">More arguments, such as <c>--Media:MaxPixels=100</c>.</param>
    public static Task<LocalBackend> StartAsync(string? data = null, params string[] settings) =>
        StartWithAsync(static _ => { }, data, settings);

    /// <param name="configure">Registers what a test brings along, such as hooks.</param>
    /// <param name="data">The data folder; null for one that goes with the host.</param>
    /// <param name="settings">More arguments.</param>
    public static async Task<LocalBackend> StartWithAsync(
        Action<IServiceCollection> configure, string? data = null, params string[] settings)
    {
        var own = data is null ? new TempFolder() : null;
        string[] args =
        [
            "--port", "0", "--data", data ?? own?.Path ?? "", "--model", RepositoryFiles.Model,
            "--environment", "Development", .. settings,
        ];
        var app = LocalHost.Build(args, configure);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync(); // gives the data folder back
            throw;
        }

        return new LocalBackend(app, own);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        _ownFolder?.Dispose();
    }
}
