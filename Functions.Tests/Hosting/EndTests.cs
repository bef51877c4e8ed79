using Functions.Tests.Fixtures;
using Functions.Tests.Orchestrations;
using Local.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Tests.Hosting;

/// <summary>How the embedded host's own services end.</summary>
public sealed class EndTests(AzuriteFixture azurite)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_is_disposed_without_a_stop_ends_quietly(bool isOnBlobStorage)
    {
        using var errors = new ErrorLog();
        string[] arguments = isOnBlobStorage ? await azurite.ArgumentsAsync() : [];
        var host = await LocalBackend.StartWithAsync(services => services.AddSingleton<ILoggerProvider>(errors), null, arguments);
        var running = host.App.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        Assert.True(running.Count >= 4);

        await host.DisposeAsync();

        Assert.All(running, static service => Assert.True(service.ExecuteTask?.IsCompletedSuccessfully, service.GetType().Name));
        Assert.Empty(errors.Lines);
    }

    [Fact]
    public async Task What_a_service_throws_when_it_is_told_to_end_is_no_error_and_is_waited_for()
    {
        using var errors = new ErrorLog();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(errors);
        builder.Services.AddSingleton<Interrupted>().AddHostedService(static services => services.GetRequiredService<Interrupted>());
        var host = builder.Build();
        await host.StartAsync(Ct);
        var service = host.Services.GetRequiredService<Interrupted>();
        await service.Started.WaitAsync(Ct);

        await ((IAsyncDisposable)host).DisposeAsync(); // the generic host is one; IHost does not say so

        Assert.True(service.ExecuteTask?.IsCompletedSuccessfully);
        Assert.Empty(errors.Lines);
    }

    [Fact]
    public async Task What_a_service_throws_of_itself_stops_the_host()
    {
        using var errors = new ErrorLog();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(errors);
        builder.Services.AddHostedService<Broken>();
        using var host = builder.Build();

        await host.StartAsync(Ct);
        await host.WaitForShutdownAsync(Ct);

        Assert.NotEmpty(errors.Lines);
    }

    /// <summary>Takes a moment to end, and wraps what ended it.</summary>
    private sealed class Interrupted : EndingService
    {
        private readonly TaskCompletionSource _started = new();

        public Task Started => _started.Task;

        protected override async Task RunAsync(CancellationToken stopping)
        {
            try
            {
                _started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stopping);
            }
            catch (OperationCanceledException exception)
            {
                await Task.Delay(100, CancellationToken.None);
                throw new IOException("interrupted", exception);
            }
        }
    }

    private sealed class Broken : EndingService
    {
        protected override Task RunAsync(CancellationToken stopping) => throw new IOException("broken");
    }
}
