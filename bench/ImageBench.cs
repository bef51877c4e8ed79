using System.Diagnostics;
using System.Globalization;
using Backend.Media;
using Local.Images;

namespace Bench;

/// <summary>
/// A photo to four widths in WebP and JPEG, by the product's engine and by npm's sharp, each in a process of its own, taking
/// turns: time, and peak memory.
/// </summary>
internal static class ImageBench
{
    public const string Mode = "image-engine";

    private const int Turns = 3;
    private const int Rounds = 7;

    private static readonly int[] Widths = [320, 640, 1280, 1920];

    public static async Task<int> RunAsync(string photo)
    {
        foreach (var atOnce in (int[])[1, 2])
        {
            var (own, sharp) = (new List<Result>(), new List<Result>());
            for (var turn = 0; turn < Turns; turn++)
            {
                own.Add(await MeasureAsync(
                    Environment.ProcessPath ?? "dotnet", [Mode, photo, $"{atOnce}", $"{Rounds}"]));
                sharp.Add(await MeasureAsync(
                    "node", [Path.Combine("bench", "sharp", "render.js"), photo, $"{atOnce}", $"{Rounds}"]));
            }

            Report(atOnce, own, sharp);
        }

        return 0;
    }

    /// <summary>The child process: prints the median time of a round in milliseconds.</summary>
    public static async Task<int> RenderAsync(string photo, int atOnce, int rounds)
    {
        LibvipsLibrary.Load();
        var engine = new LibvipsImageEngine(Environment.ProcessorCount);
        RenditionSpec[] specs =
        [
            .. Widths.SelectMany(static width => (RenditionSpec[])
            [
                new(width, 65_500, ImageFit.Inside, ImageFormat.WebP, 80), new(width, 65_500, ImageFit.Inside, ImageFormat.Jpeg, 80),
            ]),
        ];
        var limits = new ImageLimits(100_000_000, 1, TimeSpan.FromSeconds(60));
        var times = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
            {
                var outputs = specs.Select(static _ => new MemoryStream()).ToArray();
                await engine.RenderAllAsync(photo, specs, outputs, limits, CancellationToken.None);
            }));
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.RemoveAt(0); // warms up
        times.Sort();
        Console.WriteLine(times[times.Count / 2].ToString("0.0", CultureInfo.InvariantCulture));
        return 0;
    }

    private static async Task<Result> MeasureAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var peak = 0L;
        while (!process.WaitForExit(20))
        {
            process.Refresh();
            peak = Math.Max(peak, process.HasExited ? 0 : process.PeakWorkingSet64);
        }

        return double.TryParse(await output, NumberStyles.Float, CultureInfo.InvariantCulture, out var time)
            ? new Result(time, peak >> 20)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed; is sharp there? npm ci --prefix bench/sharp");
    }

    private static void Report(int atOnce, List<Result> own, List<Result> sharp)
    {
        var (time, theirs) = (Median(own, static run => run.Milliseconds), Median(sharp, static run => run.Milliseconds));
        var (memory, their) = (Median(own, static run => run.Megabytes), Median(sharp, static run => run.Megabytes));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{atOnce} at a time: engine {time:0} ms, {memory:0} MB; sharp {theirs:0} ms, {their:0} MB; "
            + $"ratio {time / theirs:0.00} of the time, {memory / their:0.00} of the memory"));
    }

    private static double Median(List<Result> runs, Func<Result, double> of) => runs.Select(of).Order().ElementAt(runs.Count / 2);

    private sealed record Result(double Milliseconds, long Megabytes);
}
