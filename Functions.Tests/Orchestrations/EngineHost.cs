using Backend.Orchestrations;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Tests.Orchestrations;

/// <summary>A host with the embedded engine and the samples, on a folder that may see several of them.</summary>
internal sealed class EngineHost(IHost host) : IAsyncDisposable
{
    public IOrchestrator Orchestrator { get; } = host.Services.GetRequiredService<IOrchestrator>();

    public ActivityLog Log { get; } = host.Services.GetRequiredService<ActivityLog>();

    public SqliteDatabase Database { get; } = host.Services.GetRequiredService<SqliteDatabase>();

    public static async Task<EngineHost> StartAsync(
        string folder, Action<OrchestrationOptions>? configure = null, TimeProvider? time = null, ILoggerProvider? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddSingleton(_ => new SqliteDatabase(Path.Combine(folder, "backend.db")))
            .AddSingleton(time ?? TimeProvider.System)
            .AddSamples()
            .AddEmbeddedOrchestrations();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        if (configure is not null)
        {
            builder.Services.PostConfigure(configure);
        }

        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new EngineHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)host).DisposeAsync(); // the generic host is one; IHost does not say so
    }
}
