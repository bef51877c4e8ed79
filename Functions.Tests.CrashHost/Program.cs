using Backend.Orchestrations;
using Functions.Tests.CrashHost;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Arguments: the data folder; then the prefix of the instances to start until killed, or nothing in order to end once
// every instance has ended. Prints "started <id>" as soon as a start is promised to be durable.
var builder = Host.CreateEmptyApplicationBuilder(null);
builder.Services
    .AddSingleton(_ => new SqliteDatabase(Path.Combine(args[0], "backend.db")))
    .AddActivity<AddOne, int, int>()
    .AddActivity<Flip, int, int>()
    .AddActivity<Echo, Guid, Guid>()
    .AddOrchestration<Journey, int, int>()
    .AddEmbeddedOrchestrations();
using var host = builder.Build();
await host.StartAsync();
var orchestrator = host.Services.GetRequiredService<IOrchestrator>();

if (args.Length > 1)
{
    for (var i = 0; ; i += 5)
    {
        await Task.WhenAll(Enumerable.Range(i, 5).Select(StartAsync));
        await Task.Delay(2);
    }
}

var store = host.Services.GetRequiredService<OrchestrationStore>();
while (store.CountRunning() > 0)
{
    await Task.Delay(5);
}

await host.StopAsync();

async Task StartAsync(int i)
{
    await orchestrator.StartAsync(Journey.Definition, $"{args[1]}-{i}", i, CancellationToken.None);
    await Console.Out.WriteLineAsync($"started {args[1]}-{i}");
}
