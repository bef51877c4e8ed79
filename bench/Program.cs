using Bench;
using Bench.Load;

return args switch
{
    ["start", var program] => await StartBench.RunAsync(program),
    ["engine"] => await EngineBench.RunAsync(),
    ["photo", var program, var photo] => await PhotoBench.RunAsync(program, photo),
    ["records"] => await RecordsBench.RunAsync(null),
    ["records", "--only", var kind] => await RecordsBench.RunAsync(null, kind),
    ["records", var program] => await RecordsBench.RunAsync(program),
    ["records", var program, "--only", var kind] => await RecordsBench.RunAsync(program, kind),
    [RawServer.Mode, var port, var data] => await RawServer.RunAsync(port, data),
    [HostedLocal.Mode, var port, var data] => await HostedLocal.RunAsync(port, data),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- start <program>          time from start to first answer, idle memory
        dotnet run -c Release --project bench -- photo <program> <file>   time from PUT to ready, peak memory
        dotnet run -c Release --project bench -- records [<program>]      the records API beside raw Kestrel + SQLite; without a
                                                                          program also bytes allocated for a request
        dotnet run -c Release --project bench -- engine                   orchestrations a second, a large fan-out

        <program> is a published Local: dotnet publish Local -c Release -r linux-x64 --self-contained false -o <folder>
        """);
    return 1;
}
