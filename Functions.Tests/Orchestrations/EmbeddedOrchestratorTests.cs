using Backend.Orchestrations;
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

    protected override async Task<IOrchestrator> StartAsync()
    {
        _host = await EngineHost.StartAsync(_folder.Path);
        return _host.Orchestrator;
    }
}
