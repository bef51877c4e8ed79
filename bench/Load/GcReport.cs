namespace Bench.Load;

/// <summary>Answers on the console what the memory of this process is like, so that asking costs the server no request.</summary>
internal static class GcReport
{
    public const string Question = "gc";

    public static async Task AnswerAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == Question)
            {
                var allocated = GC.GetTotalAllocatedBytes(precise: true);
                Console.WriteLine($"{Question} {allocated} {GC.GetTotalMemory(forceFullCollection: true)}");
            }
        }
    }
}
