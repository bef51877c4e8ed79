using System.Diagnostics.CodeAnalysis;
using Backend.Media;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Functions.Images;

/// <summary>
/// Images by ImageSharp. No more than <paramref name="parallelism"/> operations run at once, which bounds the memory;
/// the others wait for their turn, outside their time-out.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing.")]
internal sealed class ImageSharpEngine(int parallelism) : IImageEngine
{
    private readonly SemaphoreSlim _slots = new(parallelism);

    public bool CanWrite(ImageFormat format) => ImageWriter.CanWrite(format);

    public Task<Backend.Media.ImageInfo> InspectAsync(string path, ImageLimits limits, CancellationToken ct) =>
        RunAsync(async stop => (await ImageFile.OpenAsync(path, limits, stop)).Info, limits, ct);

    public async Task<EncodedImage> RenderAsync(
        string path, RenditionSpec spec, ImageLimits limits, Stream output, CancellationToken ct)
    {
        Validate(spec);
        var (encoded, geometry) = await RunAsync(stop => EncodeAsync(path, spec, limits, stop), limits, ct);
        encoded.Position = 0;
        await encoded.CopyToAsync(output, ct);
        return new EncodedImage(geometry.Width, geometry.Height, encoded.Length);
    }

    public Task<PixelGrid> SampleAsync(string path, int size, ImageLimits limits, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return RunAsync(stop => ShrinkAsync(path, size, limits, stop), limits, ct);
    }

    private static void Validate(RenditionSpec spec)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Quality, 100);
        if (!ImageWriter.CanWrite(spec.Format))
        {
            throw new ArgumentException($"Renditions cannot be encoded as {spec.Format}.", nameof(spec));
        }
    }

    private static async Task<(MemoryStream Encoded, RenditionGeometry Geometry)> EncodeAsync(
        string path, RenditionSpec spec, ImageLimits limits, CancellationToken stop)
    {
        var file = await ImageFile.OpenAsync(path, limits, stop);
        var geometry = RenditionGeometry.Of(file.Info.Width, file.Info.Height, spec);
        using var image = await file.DecodeAsync(
            geometry.ScaledWidth, geometry.ScaledHeight, file.CanAnimate(spec, geometry, limits), stop);
        Place(image, geometry);
        var encoded = new MemoryStream();
        await ImageWriter.WriteAsync(image, file.Info.HasAlpha, spec, encoded, stop);
        return (encoded, geometry);
    }

    /// <summary>Cuts off what is too much, around the focus; or adds a white border.</summary>
    private static void Place(Image<Rgba32> image, RenditionGeometry geometry)
    {
        if (geometry.IsCut)
        {
            image.Mutate(picture => picture.Crop(
                new Rectangle(geometry.Left, geometry.Top, geometry.Width, geometry.Height)));
        }
        else if (geometry.HasBorder)
        {
            image.Mutate(picture => picture.Resize(new ResizeOptions
            {
                Size = new Size(geometry.Width, geometry.Height),
                Mode = ResizeMode.BoxPad, // pads what is smaller and resizes nothing
                Position = AnchorPositionMode.Center,
                PadColor = Color.White,
            }));
        }
    }

    private static async Task<PixelGrid> ShrinkAsync(string path, int size, ImageLimits limits, CancellationToken stop)
    {
        var file = await ImageFile.OpenAsync(path, limits, stop);
        var geometry = RenditionGeometry.Within(file.Info.Width, file.Info.Height, size);
        using var image = await file.DecodeAsync(geometry.Width, geometry.Height, allFrames: false, stop);
        using var flat = ImageWriter.Flatten(image);
        var rgb = new byte[geometry.Width * geometry.Height * 3];
        flat.CopyPixelDataTo(rgb);
        return new PixelGrid(geometry.Width, geometry.Height, rgb);
    }

    /// <summary>
    /// When the time is up or the caller gives up, the answer comes at once; the work is told to stop and keeps its slot
    /// until it has, which takes as long as the step of a codec that does not look.
    /// </summary>
    private async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, ImageLimits limits, CancellationToken ct)
    {
        await _slots.WaitAsync(ct);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = Task.Run(() => work(stop.Token), CancellationToken.None);
        stop.CancelAfter(limits.Timeout);
        try
        {
            return await running.WaitAsync(stop.Token);
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

    private async Task ReleaseAsync(Task running, CancellationTokenSource stop)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        _slots.Release();
    }
}
