using Backend.Orchestrations;
using Backend.Orchestrations.Checks;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Orchestrations;

public sealed class EmbeddedOrchestratorTests : OrchestratorContract
{
    private readonly TempFolder _folder = new();
    private EngineHost? _host;

    public override async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Its_histories_tell_what_activities_were_called_with()
    {
        await Orchestrator.StartAsync(CheckChain.Definition, "chain", 7, TestContext.Current.CancellationToken);
        await Orchestrator.WaitForEndAsync("chain");

        var history = await Orchestrator.GetHistoryAsync("chain", TestContext.Current.CancellationToken);

        Assert.NotNull(history);
        Assert.Equal("7", history.First(e => e.Kind == "activityScheduled").Payload);
    }

    protected override async Task<IOrchestrator> StartAsync()
    {
        _host = await EngineHost.StartAsync(_folder.Path);
        return _host.Orchestrator;
    }
}
