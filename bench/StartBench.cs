namespace Bench;

/// <summary>How long a person waits for the first answer, and what the process weighs when nothing happens.</summary>
internal static class StartBench
{
    private const int Rounds = 11;

    public static async Task<int> RunAsync(string program)
    {
        var times = new List<double>();
        var memory = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var (host, firstAnswer) = await HostUnderTest.StartAsync(program);
            await using (host)
            {
                times.Add(firstAnswer.TotalMilliseconds);
                await Task.Delay(TimeSpan.FromSeconds(2));
                memory = host.Memory().Now;
            }
        }

        times.Sort();
        Console.WriteLine($"first answer: median {times[Rounds / 2]:0} ms, best {times[0]:0} ms, of {Rounds}; idle memory {memory} MB");
        return 0;
    }
}
