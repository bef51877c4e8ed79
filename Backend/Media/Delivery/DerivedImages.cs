using System.Collections.Concurrent;
using Backend.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Media.Delivery;

/// <summary>
/// Images made on demand, kept beside the renditions. However many ask for the same one at the same time, and of however many
/// processes, it is made once.
/// </summary>
internal sealed partial class DerivedImages(
    MediaRecords records, UploadedFile uploads, IMediaStore store, IImageEngine engine, ImageClaims claims,
    IOptions<MediaOptions> options, TimeProvider time, ILogger<DerivedImages> logger)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

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
            for (var pause = FirstLook; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                // Another request may have made it between the look into the store and the entry; another process, meanwhile.
                if (await store.FindAsync(name, timeout.Token) is { } made)
                {
                    return new DerivedImage.Found(name, made);
                }

                if (await claims.TakeAsync(scope, name, timeout.Token) is { } claim)
                {
                    return await RenderAsync(claim, name, id, version, spec, timeout.Token);
                }

                await Task.Delay(pause, time, timeout.Token);
            }
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
        StoredRecord claim, BlobName name, RecordId id, string version, RenditionSpec spec, CancellationToken ct)
    {
        var isMade = false;
        try
        {
            var image = await RenderAsync(name, claim.Key.Scope, id, version, spec, ct);
            isMade = image is DerivedImage.Found;
            return image;
        }
        finally
        {
            if (!isMade)
            {
                await claims.ReleaseAsync(claim, CancellationToken.None);
            }
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
