using Bench;

return args switch
{
    ["start", var program] => await StartBench.RunAsync(program),
    ["engine"] => await EngineBench.RunAsync(),
    ["photo", var program, var photo] => await PhotoBench.RunAsync(program, photo),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- start <program>          time from start to first answer, idle memory
        dotnet run -c Release --project bench -- photo <program> <file>   time from PUT to ready, peak memory

        dotnet run -c Release --project bench -- engine                   orchestrations a second, a large fan-out

        <program> is a published Local: dotnet publish Local -c Release -r linux-x64 --self-contained false -o <folder>
        """);
    return 1;
}
