using System.Globalization;
using Backend.Orchestrations;
using Functions.Tests.CrashHost;
using Local.Orchestrations;
using Local.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Arguments: "changes" and what ChangesHost takes; or the data folder; then the prefix of the instances to start until
// killed, or nothing in order to end once every instance has ended. Prints "ready" once the engine runs, the id of each
// instance whose start is promised to be durable, and "rerun" or "terminated" with the id of one of which that is. Without
// the generic host, which would take a good part of so short a life.
if (args is ["changes", var data, var model, var seed, .. var rest])
{
    await ChangesHost.RunAsync(data, model, int.Parse(seed, CultureInfo.InvariantCulture), finish: rest.Length > 0);
    return;
}

var services = new ServiceCollection();
services
    .AddSingleton(_ => new SqliteDatabase(Path.Combine(args[0], "backend.db")))
    .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
    .AddLoad(args[0])
    .AddEmbeddedOrchestrations()
    .Configure<OrchestrationOptions>(static options => options.TakeOverAfter = TimeSpan.FromSeconds(1));
await using var provider = services.BuildServiceProvider();
var engine = provider.GetServices<IHostedService>().OfType<EmbeddedOrchestrator>().Single();
await engine.StartAsync(CancellationToken.None);
var orchestrator = provider.GetRequiredService<IOrchestrator>();
await Console.Out.WriteLineAsync("ready");
var steering = new Steering(orchestrator, Console.Out.WriteLineAsync);

if (args.Length > 1)
{
    for (var i = 0; i < 200; i += Load.Kinds.Count)
    {
        await Task.WhenAll([steering.SomeAsync(), .. Load.Kinds.Select((kind, k) => StartAsync(kind, i + k))]);
        await Task.Delay(2);
    }

    await Task.Delay(Timeout.Infinite);
}

var store = provider.GetRequiredService<OrchestrationStore>();
while (store.CountRunning() > 0)
{
    await steering.EndAllAsync();
    await Task.Delay(5);
}

await engine.StopAsync(CancellationToken.None);

async Task StartAsync(string kind, int i)
{
    var id = $"{args[1]}-{kind}-{i}";
    await Load.StartAsync(orchestrator, kind, id, i);
    await Console.Out.WriteLineAsync(id);
}
