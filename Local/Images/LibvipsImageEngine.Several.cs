using Backend.Media;

namespace Local.Images;

/// <summary>
/// Several renditions of one image. It is decoded once, to the largest of them, and the others are made of that in parallel:
/// decoding takes most of the time, and is the same for all.
/// </summary>
internal sealed partial class LibvipsImageEngine
{
    public async Task<IReadOnlyList<EncodedImage>> RenderAllAsync(
        string path, IReadOnlyList<RenditionSpec> specs, IReadOnlyList<Stream> outputs, ImageLimits limits, CancellationToken ct)
    {
        foreach (var spec in specs)
        {
            Validate(spec);
        }

        await _decoded.WaitAsync(ct);
        try
        {
            using var basis = await RunAsync(stop => DecodeOnce(path, specs, limits, stop), limits, ct);
            return await Task.WhenAll(specs.Select((spec, i) => basis.Geometries[i] is { } geometry
                ? RenderFromAsync(basis, spec, geometry, outputs[i], limits, ct)
                : RenderAsync(path, spec, limits, outputs[i], ct)));
        }
        finally
        {
            _decoded.Release();
        }
    }

    private static DecodedImage DecodeOnce(
        string path, IReadOnlyList<RenditionSpec> specs, ImageLimits limits, CancellationToken stop)
    {
        using var file = new VipsImageFile(path, limits);
        var (width, height) = (file.Info.Width, file.Info.Height);
        var geometries = specs.Select(spec => RenditionGeometry.Of(width, height, spec))
            .Select((geometry, i) => IsEnlarged(geometry, width, height) || file.CanAnimate(specs[i], geometry, limits)
                ? default(RenditionGeometry?)
                : geometry)
            .ToArray();
        var scale = geometries.Max(geometry => geometry is { } known
            ? Math.Max((double)known.ScaledWidth / width, (double)known.ScaledHeight / height)
            : 0);
        return scale == 0
            ? new DecodedImage(null, 0, 0, geometries)
            : Decode(file, (int)Math.Ceiling(width * scale), (int)Math.Ceiling(height * scale), geometries, stop);
    }

    private static DecodedImage Decode(
        VipsImageFile file, int width, int height, RenditionGeometry?[] geometries, CancellationToken stop)
    {
        // The exact size of the largest rendition, if rounding is all that lies between: it need not be resized again.
        if (geometries.FirstOrDefault(geometry => geometry is { } known
            && width - known.ScaledWidth is 0 or 1 && height - known.ScaledHeight is 0 or 1) is { } largest)
        {
            (width, height) = (largest.ScaledWidth, largest.ScaledHeight);
        }

        (width, height) = (Math.Min(width, file.Info.Width), Math.Min(height, file.Info.Height));
        return new DecodedImage(file.Decode(width, height, stop), width, height, geometries);
    }

    private async Task<EncodedImage> RenderFromAsync(
        DecodedImage basis, RenditionSpec spec, RenditionGeometry geometry, Stream output, ImageLimits limits, CancellationToken ct)
    {
        using var blob = await RunAsync(
            stop =>
            {
                using var resized = basis.Resize(geometry.ScaledWidth, geometry.ScaledHeight);
                stop.ThrowIfCancellationRequested();
                return VipsEncoder.Encode(resized ?? basis.Image, spec, geometry);
            },
            limits, ct);
        await using var content = blob.OpenRead();
        await content.CopyToAsync(output, ct);
        return new EncodedImage(geometry.Width, geometry.Height, content.Length);
    }

    private static bool IsEnlarged(RenditionGeometry geometry, int width, int height) =>
        geometry.ScaledWidth > width || geometry.ScaledHeight > height;

    /// <param name="image">The displayed image in sRGB; null when every rendition needs the file.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="geometries">Of each rendition; null for one that needs the file.</param>
    private sealed class DecodedImage(VipsObject? image, int width, int height, RenditionGeometry?[] geometries) : IDisposable
    {
        public VipsObject Image => image ?? throw new InvalidOperationException("No rendition was to be made of it.");

        public RenditionGeometry?[] Geometries => geometries;

        /// <summary>Null for the image's own size.</summary>
        public VipsObject? Resize(int toWidth, int toHeight)
        {
            if (toWidth == width && toHeight == height)
            {
                return null;
            }

            using var resize = new VipsOperation("thumbnail_image").Set("in", Image)
                .Set("width", toWidth).Set("height", toHeight).Set("size", "force").Set("no_rotate", "true");
            return resize.BuildImage();
        }

        public void Dispose() => image?.Dispose();
    }
}
