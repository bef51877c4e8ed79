using Backend.Model;
using Backend.Records;
using Microsoft.AspNetCore.Http;

namespace Backend.Media.Delivery;

/// <summary>
/// Finds the image that answers a request, or has it made: the client's format where it is negotiated, and a lighter one
/// for those who save data.
/// </summary>
internal sealed class FindImage(
    MediaRecords records, IMediaStore store, DerivedImages derived, AcceptedFormats accepted, AppModel model)
{
    /// <summary>How much less quality those get who save data.</summary>
    private const int SavedQuality = 25;

    private const int LowestQuality = 20;

    /// <summary>A preset's rendition of a version that a signed URL states.</summary>
    public async Task<FoundImage> FindAsync(
        HttpRequest request, Scope scope, RecordId id, string preset, string version, CancellationToken ct)
    {
        var vary = Vary.None;
        if (model.Presets.TryGetValue(preset, out var spec))
        {
            var saves = SavesData(request);
            vary = (spec.IsNegotiated ? Vary.Accept : Vary.None) | (spec.Format is ImageFormat.Png ? Vary.None : Vary.SaveData);
            // Only for these is the record read: a rendition is found by its name alone.
            if ((saves && vary.HasFlag(Vary.SaveData)) || spec.IsNegotiated)
            {
                var record = await records.FindAsync(scope, id, ct);
                if (record is { Deleted: false } && MediaDetails.Read(record) is var details
                    && details.Renditions.Any(made => made.Preset == preset && details.VersionOf(made) == version))
                {
                    return await FindAsync(request, record, details, preset, ct);
                }
            }
        }

        var name = BlobName.ForRendition(scope, id, version, preset);
        return Answer(await store.FindAsync(name, ct) is { } found ? new DerivedImage.Found(name, found) : new DerivedImage.NotFound(), vary);
    }

    /// <summary>A preset's rendition as it is now.</summary>
    public async Task<FoundImage> FindAsync(
        HttpRequest request, StoredRecord record, MediaDetails details, string preset, CancellationToken ct)
    {
        var (scope, id) = (record.Key.Scope, record.Key.Id);
        if (details.Renditions.FirstOrDefault(made => made.Preset == preset) is not { } rendition)
        {
            return new FoundImage(new DerivedImage.NotFound(), Vary.None);
        }

        var (format, vary) = (default(ImageFormat?), Vary.None);
        if (model.Presets.TryGetValue(preset, out var spec) && details.Version is { } version)
        {
            format = spec.IsNegotiated ? accepted.Choose(request, details.HasAlpha is true) : spec.Format;
            vary = (spec.IsNegotiated ? Vary.Accept : Vary.None) | (spec.Format is ImageFormat.Png ? Vary.None : Vary.SaveData);
            var saves = vary.HasFlag(Vary.SaveData) && SavesData(request);
            if (saves || ImageFormats.NameOf(format.Value) != rendition.Format)
            {
                var transform = ImageTransform.Of(spec);
                var made = await derived.GetAsync(scope, id, version, saves ? Lighter(transform) : transform, format.Value, ct);
                return Answer(made, vary);
            }
        }

        var name = BlobName.ForRendition(scope, id, details.VersionOf(rendition), preset);
        return Answer(await store.FindAsync(name, ct) is { } found ? new DerivedImage.Found(name, found) : new DerivedImage.NotFound(), vary);
    }

    /// <summary>An image that is made on demand.</summary>
    public async Task<FoundImage> FindAsync(
        HttpRequest request, Scope scope, RecordId id, string version, ImageTransform transform, CancellationToken ct)
    {
        var vary = (transform.Format is null ? Vary.Accept : Vary.None)
            | (transform.Format is ImageFormat.Png ? Vary.None : Vary.SaveData);
        var format = transform.Format ?? await ChooseAsync(request, scope, id, ct);
        var wanted = vary.HasFlag(Vary.SaveData) && SavesData(request) ? Lighter(transform) : transform;
        return Answer(await derived.GetAsync(scope, id, version, wanted, format, ct), vary);
    }

    private async Task<ImageFormat> ChooseAsync(HttpRequest request, Scope scope, RecordId id, CancellationToken ct)
    {
        var format = accepted.Choose(request, hasAlpha: false);
        return format is ImageFormat.Jpeg
            && await records.FindAsync(scope, id, ct) is { Deleted: false } record
            && MediaDetails.Read(record).HasAlpha is true
            ? ImageFormat.Png
            : format;
    }

    private static ImageTransform Lighter(ImageTransform transform) =>
        transform with { Quality = Math.Min(transform.Quality, Math.Max(LowestQuality, transform.Quality - SavedQuality)) };

    private static bool SavesData(HttpRequest request) =>
        request.Headers["Save-Data"].ToString().StartsWith("on", StringComparison.OrdinalIgnoreCase);

    private static FoundImage Answer(DerivedImage image, Vary vary) => new(image, vary);
}

/// <param name="Image">The image, or why there is none.</param>
/// <param name="Vary">What of the request it depends on.</param>
internal sealed record FoundImage(DerivedImage Image, Vary Vary);

[Flags]
internal enum Vary
{
    None = 0,
    Accept = 1,
    SaveData = 2,
}
