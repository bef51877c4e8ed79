using System.Diagnostics;
using System.Globalization;
using Simulator;

// dotnet run --project Simulator -- 7            tells what happens in the world of seed 7
// dotnet run --project Simulator -- 1 5000       runs 5,000 worlds from seed 1 on; a third number is the steps of each. Tells how the
//                                                first one ended that broke a promise
// dotnet run --project Simulator -- mutants      breaks each promise on purpose, and tells which world finds it out
if (args is ["mutants"])
{
    foreach (var mutant in Enum.GetValues<Mutant>().Skip(1))
    {
        var found = await Simulation.RunAsync(Enumerable.Range(1, 1_000), null, CancellationToken.None, mutant);
        Console.WriteLine($"{mutant}: {(found is [var (seed, _), ..] ? $"found out by world {seed}" : "not found out by 1000 worlds")}");
    }

    return 0;
}

var numbers = args.Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0).ToList();
if (numbers.Count is < 1 or > 3 || numbers.Contains(0))
{
    await Console.Error.WriteLineAsync("usage: Simulator SEED [WORLDS [STEPS]] | mutants");
    return 2;
}

int? steps = numbers.Count == 3 ? numbers[2] : null;
if (numbers.Count == 1)
{
    var (holds, story) = await Simulation.TellAsync(numbers[0], steps, CancellationToken.None);
    Console.WriteLine(story);
    return holds ? 0 : 1;
}

var watch = Stopwatch.StartNew();
var broken = await Simulation.RunAsync(Enumerable.Range(numbers[0], numbers[1]), steps, CancellationToken.None);
Console.WriteLine($"{numbers[1]} worlds in {watch.Elapsed.TotalSeconds:0.0} s, {broken.Count} with a broken promise: {string.Join(", ", broken.Take(20).Select(world => world.Seed))}");
if (broken is [(_, var end), ..])
{
    Console.WriteLine(string.Join('\n', end.TrimEnd().Split('\n').TakeLast(100)));
}

return broken.Count == 0 ? 0 : 1;
