using System.Globalization;
using Bench;
using Bench.Load;

return args switch
{
    ["start", var program] => await StartBench.RunAsync(program),
    ["engine"] => await EngineBench.RunAsync(),
    ["photo", var program, var photo] => await PhotoBench.RunAsync(program, photo),
    ["image", var photo] => await ImageBench.RunAsync(photo),
    [ImageBench.Mode, var photo, var atOnce, var rounds] => await ImageBench.RenderAsync(
        photo, int.Parse(atOnce, CultureInfo.InvariantCulture), int.Parse(rounds, CultureInfo.InvariantCulture)),
    ["fuzz", var folder, var count, .. var rest] => await FuzzBench.RunAsync(
        folder, int.Parse(count, CultureInfo.InvariantCulture), rest is [var seed] ? int.Parse(seed, CultureInfo.InvariantCulture) : 1),
    ["records", .. var options] => await RecordsBench.RunAsync(
        Option(options, "--program"), Option(options, "--against"), Option(options, "--only")),
    ["growth", .. var options] => await GrowthBench.RunAsync(Option(options, "--program"), Option(options, "--records")),
    ["memory", .. var options] => await MemoryBench.RunAsync(Option(options, "--seconds")),
    ["sync", .. var options] => await SyncBench.RunAsync(
        Option(options, "--program"), Option(options, "--against"), withIndexes: !options.Contains("--no-indexes")),
    ["sync-growth", .. var options] => await SyncGrowthBench.RunAsync(Option(options, "--program")),
    ["sync-batch", .. var options] => await SyncBatchBench.RunAsync(Option(options, "--program")),
    ["sync-sizes"] => await SyncSizesBench.RunAsync(),
    [RawServer.Mode, var port, var data] => await RawServer.RunAsync(port, data),
    [HostedLocal.Mode, var port, var data] => await HostedLocal.RunAsync(port, data),
    [HostedLocal.Mode, var port, var data, var model] => await HostedLocal.RunAsync(port, data, model),
    _ => Usage(),
};

static string? Option(string[] options, string name) =>
    Array.IndexOf(options, name) is >= 0 and var place && place + 1 < options.Length ? options[place + 1] : null;

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- start <program>          time from start to first answer, idle memory
        dotnet run -c Release --project bench -- photo <program> <file>   time from PUT to ready, peak memory
        dotnet run -c Release --project bench -- image <file>             four widths in WebP and JPEG, beside npm's sharp
                                                                          (npm ci --prefix bench/sharp)
        dotnet run -c Release --project bench -- fuzz <folder> <count> [<seed>]
                                                                          mutants of the folder's images through the engine
        dotnet run -c Release --project bench -- records [--program <program>] [--against <program>] [--only <kind>]
                                                                          the records API beside raw Kestrel + SQLite, or beside
                                                                          another Local; without a program, the one inside this
                                                                          bench, and bytes allocated for a request
        dotnet run -c Release --project bench -- growth [--program <program>] [--records <number>]
                                                                          the same requests with 1,000 and 1,000,000 records
        dotnet run -c Release --project bench -- memory [--seconds <number>]
                                                                          memory under load, with more tokens than are remembered
        dotnet run -c Release --project bench -- sync [--program <program>] [--against <program>] [--no-indexes]
                                                                          push and pull of 100 records a request beside PouchDB
                                                                          (npm ci --prefix bench/pouchdb), or beside another Local;
                                                                          without the indexes that the sample's notes declare
        dotnet run -c Release --project bench -- sync-growth [--program <program>]
                                                                          first syncs and pulls of scopes of all sizes, and memory
        dotnet run -c Release --project bench -- sync-batch [--program <program>]
                                                                          10,000 and 100,000 mutations as a file, beside pushes
        dotnet run -c Release --project bench -- sync-sizes               sync in JSON and in Protocol Buffers: bytes, and time of a page
        dotnet run -c Release --project bench -- engine                   orchestrations a second, a large fan-out,
                                                                          recovery of 10,000 instances, and memory then

        <program> is a published Local: dotnet publish Local -c Release -r linux-x64 --self-contained false -o <folder>
        """);
    return 1;
}
