using Backend.Orchestrations;
using Functions.Tests.Fixtures;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Functions.Tests.Docs;

/// <summary>The example of docs/orchestrations.md is code of this project, and runs.</summary>
public sealed class OrchestrationGuideTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_line_of_the_example_is_compiled_here()
    {
        var code = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Functions.Tests/Docs/OrchestrationGuideSample.cs"));
        var blocks = Markdown.Read("docs/orchestrations.md").Blocks().Where(block => block.Info == "csharp").ToList();
        Assert.True(blocks.Count > 2);
        Assert.All(blocks, block => Assert.Contains(block.Code.Trim(), code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_example_does_what_the_page_says()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddSingleton(_ => new SqliteDatabase(_folder.File("backend.db")))
            .AddOrders()
            .AddEmbeddedOrchestrations();
        using var host = builder.Build();
        await host.StartAsync(Ct);
        var orchestrator = host.Services.GetRequiredService<IOrchestrator>();
        var orders = new Orders(orchestrator);
        await orders.FulfilAsync(new Order("7", 999), Ct);
        await orders.FulfilAsync(new Order("7", 999), Ct);
        Assert.True(await orders.ApproveAsync("7", Ct));
        await Eventually.TrueAsync(async () => (await orchestrator.FindAsync("order-7", Ct))?.State is OrchestrationState.Completed);
        Assert.Equal("""{"OrderId":"7","Result":"fulfilled"}""", (await orchestrator.FindAsync("order-7", Ct))?.Output);
        await host.StopAsync(Ct);
        await ((IAsyncDisposable)host).DisposeAsync(); // the generic host is one; IHost does not say so
    }
}
