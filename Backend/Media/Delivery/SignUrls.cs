using Backend.Http;
using Backend.Model;
using Backend.Records;
using Microsoft.Extensions.Options;

namespace Backend.Media.Delivery;

/// <summary>Signs URLs of images for a caller who may read them, so that whoever gets them can show them.</summary>
internal sealed class SignUrls(TransformQuery query, ImageUrls urls, AppModel model, IOptions<MediaOptions> options)
{
    private const int MaxUrls = 50;

    public SignOutcome Execute(StoredRecord record, IReadOnlyList<TransformRequest> wanted)
    {
        var details = MediaDetails.Read(record);
        var errors = new List<FieldError>();
        if (wanted.Count is < 1 or > MaxUrls)
        {
            errors.Add(new FieldError("$.images", "out_of_range", $"Expected 1 to {MaxUrls} images."));
            return new SignOutcome.Invalid(errors);
        }

        if (details is not { Status: MediaStatus.Ready, Version: { } version })
        {
            return new SignOutcome.NotReady();
        }

        if (options.Value.PresetsOnly && wanted.Any(request => request.Preset is null))
        {
            return new SignOutcome.PresetsOnly();
        }

        var signed = new List<ImageUrl>();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (Sign(record, details, version, wanted[i], $"$.images[{i}].", errors) is { } url)
            {
                signed.Add(url);
            }
        }

        return errors.Count == 0 ? new SignOutcome.Signed(signed) : new SignOutcome.Invalid(errors);
    }

    private ImageUrl? Sign(
        StoredRecord record, MediaDetails details, string version, TransformRequest request, string path, List<FieldError> errors)
    {
        var (scope, id) = (record.Key.Scope, record.Key.Id);
        if (request.Preset is not { } preset)
        {
            return query.Read(request, path, errors) is { } transform ? urls.Create(scope, id, version, transform) : null;
        }

        if (request != new TransformRequest { Preset = preset })
        {
            errors.Add(new FieldError($"{path}preset", "duplicate", "A preset states everything; send it alone."));
        }
        else if (details.Renditions.FirstOrDefault(made => made.Preset == preset) is { } rendition)
        {
            return urls.Create(scope, id, details.VersionOf(rendition), preset);
        }
        else
        {
            errors.Add(new FieldError(
                $"{path}preset", "not_in_enum", $"Expected one of {string.Join(", ", model.Presets.Keys.Order(StringComparer.Ordinal))}."));
        }

        return null;
    }
}

internal abstract record SignOutcome
{
    private SignOutcome()
    {
    }

    /// <summary>In the order of the request.</summary>
    public sealed record Signed(IReadOnlyList<ImageUrl> Urls) : SignOutcome;

    public sealed record NotReady : SignOutcome;

    public sealed record PresetsOnly : SignOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : SignOutcome;
}
