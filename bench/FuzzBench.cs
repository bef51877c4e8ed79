using System.Diagnostics;
using Backend.Media;
using Local.Images;

namespace Bench;

/// <summary>
/// Mutated images through the engine: everything that an upload goes through. A file is refused or made into images; another
/// exception, a crash of the process or a hang beyond the time-out is a fault, and so is growth of memory. A file that makes a fault is kept.
/// </summary>
internal static class FuzzBench
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string folder, int count, int seed)
    {
        LibvipsLibrary.Load();
        var engine = new LibvipsImageEngine(Environment.ProcessorCount);
        var seeds = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        seeds.AddRange(await RecodeAsync(engine, seeds));
        var limits = new ImageLimits(10_000_000, 50, Timeout);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var slowest = TimeSpan.Zero;
        var random = new Random(seed);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count).Select(i => (Index: i, Seed: random.Next())),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (round, ct) =>
            {
                var file = Mutate(seeds[round.Index % seeds.Count], seeds, new Random(round.Seed));
                var watch = Stopwatch.StartNew();
                var outcome = await TryAsync(engine, file, limits, round.Index, ct);
                lock (counts)
                {
                    counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
                    slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
                }
            });
        Console.WriteLine($"{count} mutants of {seeds.Count} images, seed {seed}; slowest {slowest.TotalMilliseconds:0} ms, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
        foreach (var (outcome, times) in counts.OrderByDescending(pair => pair.Value))
        {
            Console.WriteLine($"  {outcome}: {times}");
        }

        return counts.Keys.Any(static outcome => outcome.StartsWith("FAULT", StringComparison.Ordinal)) ? 1 : 0;
    }

    private static async Task<string> TryAsync(LibvipsImageEngine engine, byte[] file, ImageLimits limits, int round, CancellationToken ct)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, file, ct);
            var info = await engine.InspectAsync(path, limits, ct);
            _ = info.Exif;
            await engine.SampleAsync(path, 32, limits, ct);
            RenditionSpec[] specs =
            [
                new(64, 64, ImageFit.Cover, ImageFormat.WebP, 75) { IsAnimated = true }, new(200, 200, ImageFit.Inside, ImageFormat.Jpeg, 80),
            ];
            await engine.RenderAllAsync(path, specs, [new MemoryStream(), new MemoryStream()], limits, ct);
            return "rendered";
        }
        catch (ImageRejectedException exception)
        {
            return $"refused: {exception.Fault}";
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine($"{exception.GetType().Name}: a copy is {Path.Combine(Path.GetTempPath(), $"fault-{round}")}");
            File.Copy(path, Path.Combine(Path.GetTempPath(), $"fault-{round}"), overwrite: true);
            return $"FAULT {exception.GetType().Name}: {exception.Message}";
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Mutate(byte[] original, List<byte[]> seeds, Random random)
    {
        var file = (byte[])original.Clone();
        switch (random.Next(6))
        {
            case 0: // cut short
                return file[..random.Next(1, file.Length)];
            case 1: // a part of another file in the middle
                var other = seeds[random.Next(seeds.Count)];
                var at = random.Next(file.Length);
                var length = Math.Min(Math.Min(random.Next(1, 4096), other.Length), file.Length - at);
                Array.Copy(other, random.Next(other.Length - length + 1), file, at, length);
                return file;
            case 2: // a part taken out
                var from = random.Next(file.Length);
                return [.. file[..from], .. file[Math.Min(file.Length, from + random.Next(1, 2048))..]];
            case 3: // the header above all, where the numbers are
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    file[random.Next(Math.Min(file.Length, 600))] = Interesting(random);
                }

                return file;
            default:
                for (var i = random.Next(1, 40); i > 0; i--)
                {
                    file[random.Next(file.Length)] = Interesting(random);
                }

                return file;
        }
    }

    private static byte Interesting(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => 0xFF,
        2 => 0x7F,
        _ => (byte)random.Next(256),
    };

    /// <summary>Every image small and in every format, so that mutations hit something that matters.</summary>
    private static async Task<List<byte[]>> RecodeAsync(LibvipsImageEngine engine, List<byte[]> seeds)
    {
        var limits = new ImageLimits(100_000_000, 50, TimeSpan.FromSeconds(60));
        var files = new List<byte[]>();
        var path = Path.GetTempFileName();
        foreach (var seed in seeds)
        {
            await File.WriteAllBytesAsync(path, seed);
            foreach (var format in (ImageFormat[])[ImageFormat.Jpeg, ImageFormat.Png, ImageFormat.WebP, ImageFormat.Avif])
            {
                using var output = new MemoryStream();
                await engine.RenderAsync(path, new RenditionSpec(160, 160, ImageFit.Inside, format, 75), limits, output, CancellationToken.None);
                files.Add(output.ToArray());
            }
        }

        File.Delete(path);
        return files;
    }
}
