using System.Collections.Concurrent;
using Backend.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Media.Delivery;

/// <summary>
/// Images made on demand, kept beside the renditions. However many ask for the same one at the same time, this process makes
/// it once; another process may make it, too, and writes the same.
/// </summary>
internal sealed partial class DerivedImages(
    MediaRecords records, UploadedFile uploads, IMediaStore store, IImageEngine engine, IOptions<MediaOptions> options,
    ILogger<DerivedImages> logger)
{
    private readonly ConcurrentDictionary<BlobName, Lazy<Task<DerivedImage>>> _making = new();

    /// <param name="scope">The media record's scope.</param>
    /// <param name="id">The media record.</param>
    /// <param name="version">Which upload of it; one that was replaced is found only if it was made before.</param>
    /// <param name="transform">What to make of it.</param>
    /// <param name="format">Its encoding.</param>
    /// <param name="ct">Ends the waiting; the image is made all the same, for those who ask next.</param>
    public async Task<DerivedImage> GetAsync(
        Scope scope, RecordId id, string version, ImageTransform transform, ImageFormat format, CancellationToken ct)
    {
        var name = BlobName.ForRendition(scope, id, version, transform.FileName(format));
        if (await store.FindAsync(name, ct) is { } found)
        {
            return new DerivedImage.Found(name, found);
        }

        if (_making.Count >= options.Value.MaxPendingTransforms && !_making.ContainsKey(name))
        {
            return new DerivedImage.Busy();
        }

        var making = _making.GetOrAdd(name, _ => new Lazy<Task<DerivedImage>>(
            () => MakeAsync(name, scope, id, version, transform.ToSpec(format))));
        return await making.Value.WaitAsync(ct);
    }

    private async Task<DerivedImage> MakeAsync(BlobName name, Scope scope, RecordId id, string version, RenditionSpec spec)
    {
        // Waiting for a turn included: whoever waits longer has gone.
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(3 * options.Value.TimeoutSeconds));
        await Task.Yield(); // everything below runs after the entry is there to be found
        try
        {
            // Another request may have made it between the look into the store and the entry.
            return await store.FindAsync(name, timeout.Token) is { } made
                ? new DerivedImage.Found(name, made)
                : await RenderAsync(name, scope, id, version, spec, timeout.Token);
        }
        catch (ImageRejectedException exception)
        {
            LogRejected(id.Value, exception.Fault, exception.Message);
            return exception.Fault is ImageFault.Timeout ? new DerivedImage.Busy() : new DerivedImage.NotFound();
        }
        catch (OperationCanceledException)
        {
            return new DerivedImage.Busy();
        }
        finally
        {
            _making.TryRemove(name, out _);
        }
    }

    private async Task<DerivedImage> RenderAsync(
        BlobName name, Scope scope, RecordId id, string version, RenditionSpec spec, CancellationToken ct)
    {
        if (await records.FindAsync(scope, id, ct) is not { Deleted: false } record
            || MediaDetails.Read(record) is not { Status: MediaStatus.Ready, UploadETag: { } etag } details
            || details.Version != version)
        {
            return new DerivedImage.NotFound();
        }

        using var file = await uploads.OpenAsync(new ProcessImageInput(scope.Value, id.Value, etag), ct);
        if (file is null)
        {
            return new DerivedImage.NotFound(); // another upload has arrived and is not processed yet
        }

        using var output = new MemoryStream();
        await engine.RenderAsync(file.Path, spec, options.Value.Limits, output, ct);
        output.Position = 0;
        var properties = await store.WriteAsync(name, output, ImageFormats.ContentTypeOf(spec.Format), ct);
        if (await records.FindAsync(scope, id, ct) is not { Deleted: false })
        {
            await store.DeleteAsync(name, ct); // deleted meanwhile: what removes its blobs may have passed here already
            return new DerivedImage.NotFound();
        }

        LogMade(id.Value, name.Path[(name.Path.LastIndexOf('/') + 1)..], properties.Length);
        return new DerivedImage.Found(name, properties);
    }

    [LoggerMessage(LogLevel.Information, "Made {File} of media {MediaId}, {Bytes} bytes")]
    private partial void LogMade(string mediaId, string file, long bytes);

    [LoggerMessage(LogLevel.Warning, "An image of media {MediaId} could not be made: {Fault}: {Detail}")]
    private partial void LogRejected(string mediaId, ImageFault fault, string detail);
}

internal abstract record DerivedImage
{
    private DerivedImage()
    {
    }

    public sealed record Found(BlobName Name, BlobProperties Properties) : DerivedImage;

    /// <summary>No such media, or not that version of it.</summary>
    public sealed record NotFound : DerivedImage;

    /// <summary>Too many are being made, or this one takes too long.</summary>
    public sealed record Busy : DerivedImage;
}
