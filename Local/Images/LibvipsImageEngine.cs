using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Backend.Media;

namespace Local.Images;

/// <summary>
/// Images by libvips. Every operation has a thread of its own, so that decoding never holds up requests, and no more
/// than <paramref name="parallelism"/> of them run at once, which bounds the memory; the others wait for their turn,
/// outside their time-out.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing.")]
internal sealed partial class LibvipsImageEngine(int parallelism) : IImageEngine
{
    private readonly SemaphoreSlim _slots = new(parallelism);

    /// <summary>Decoded images that wait for their renditions, which bounds the memory, too.</summary>
    private readonly SemaphoreSlim _decoded = new(parallelism);

    public bool CanWrite(ImageFormat format) =>
        format is ImageFormat.Jpeg or ImageFormat.WebP or ImageFormat.Png or ImageFormat.Avif;

    public Task<ImageInfo> InspectAsync(string path, ImageLimits limits, CancellationToken ct) =>
        RunAsync(
            _ =>
            {
                using var file = new VipsImageFile(path, limits);
                return file.Info;
            },
            limits, ct);

    public async Task<EncodedImage> RenderAsync(
        string path, RenditionSpec spec, ImageLimits limits, Stream output, CancellationToken ct)
    {
        Validate(spec);
        var (blob, geometry) = await RunAsync(stop => Render(path, spec, limits, stop), limits, ct);
        using (blob)
        {
            // Straight from the library's memory, in the small pieces that CopyToAsync takes.
            await using var content = blob.OpenRead();
            await content.CopyToAsync(output, ct);
            return new EncodedImage(geometry.Width, geometry.Height, content.Length);
        }
    }

    public Task<PixelGrid> SampleAsync(string path, int size, ImageLimits limits, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return RunAsync(stop => Sample(path, size, limits, stop), limits, ct);
    }

    private static void Validate(RenditionSpec spec)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Quality, 100);
    }

    private static (VipsBlob Blob, RenditionGeometry Geometry) Render(
        string path, RenditionSpec spec, ImageLimits limits, CancellationToken stop)
    {
        using var file = new VipsImageFile(path, limits);
        var geometry = RenditionGeometry.Of(file.Info.Width, file.Info.Height, spec);
        if (file.CanAnimate(spec, geometry, limits))
        {
            return (Animate(file, spec, geometry, stop), geometry);
        }

        using var image = file.Decode(geometry.ScaledWidth, geometry.ScaledHeight, stop);
        stop.ThrowIfCancellationRequested();
        return (VipsEncoder.Encode(image, spec, geometry), geometry);
    }

    private static VipsBlob Animate(VipsImageFile file, RenditionSpec spec, RenditionGeometry geometry, CancellationToken stop)
    {
        var frames = file.DecodeFrames(spec, geometry, stop);
        try
        {
            stop.ThrowIfCancellationRequested();
            return VipsEncoder.Encode(frames, spec, geometry);
        }
        finally
        {
            foreach (var frame in frames)
            {
                frame.Dispose();
            }
        }
    }

    private static unsafe PixelGrid Sample(string path, int size, ImageLimits limits, CancellationToken stop)
    {
        using var file = new VipsImageFile(path, limits);
        var geometry = RenditionGeometry.Within(file.Info.Width, file.Info.Height, size);
        using var image = file.Decode(geometry.Width, geometry.Height, stop);
        using var flat = VipsEncoder.Flatten(image);
        using var convert = new VipsOperation("colourspace").Set("in", flat ?? image).Set("space", "srgb");
        using var colour = convert.BuildImage();
        using var pixels = LibvipsNative.ImageNewMemory();
        if (LibvipsNative.ImageWrite(colour, pixels) != 0)
        {
            throw new VipsException("write");
        }

        var rgb = new ReadOnlySpan<byte>(LibvipsNative.ImageData(pixels), geometry.Width * geometry.Height * 3);
        return new PixelGrid(geometry.Width, geometry.Height, rgb.ToArray());
    }

    /// <summary>
    /// Runs native work on a thread of its own. When its time is up or the caller gives up, the answer comes at once;
    /// the work is told to stop and keeps its slot until it has, which takes as long as the step of a codec that
    /// cannot be interrupted.
    /// </summary>
    private async Task<T> RunAsync<T>(Func<CancellationToken, T> work, ImageLimits limits, CancellationToken ct)
    {
        LibvipsLibrary.Load();
        await _slots.WaitAsync(ct);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = Task.Factory.StartNew(
            () => RunNative(work, stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var started = Stopwatch.GetTimestamp();
        stop.CancelAfter(limits.Timeout);
        try
        {
            var result = await running.WaitAsync(stop.Token);
            if (Stopwatch.GetElapsedTime(started) <= limits.Timeout)
            {
                return result;
            }

            (result as IDisposable)?.Dispose(); // timers ring late when the machine has no free thread
            throw new OperationCanceledException();
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ImageRejectedException(
                ImageFault.Timeout, $"The image took longer than {limits.Timeout.TotalSeconds:0.###} seconds.");
        }
        finally
        {
            _ = ReleaseAsync(running, stop);
        }
    }

    private static T RunNative<T>(Func<CancellationToken, T> work, CancellationToken stop)
    {
        try
        {
            return work(stop);
        }
        finally
        {
            LibvipsNative.ThreadShutdown(); // frees what libvips keeps for each thread
        }
    }

    private async Task ReleaseAsync(Task running, CancellationTokenSource stop)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        _slots.Release();
    }
}
