using Backend.Orchestrations;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Orchestrations;

/// <summary>The same contract through HTTP: of the embedded host, or of whatever runs at <c>BACKEND_URL</c>.</summary>
public sealed class OrchestratorApiTests(BackendFixture backend) : OrchestratorContract
{
    private ApiClient? _admin;

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _admin?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<IOrchestrator> StartAsync()
    {
        _admin = await backend.NewAdminAsync();
        var orchestrator = new HttpOrchestrator(_admin);
        await orchestrator.SkipWithoutChecksAsync();
        return orchestrator;
    }
}
