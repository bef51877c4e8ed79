using System.Globalization;
using Backend.Http;
using Backend.Model;
using Microsoft.Extensions.Options;

namespace Backend.Media.Delivery;

/// <summary>Reads what somebody asks for and refuses what is beyond the limits, before anything else is done.</summary>
internal sealed class TransformQuery(IImageEngine engine, IOptions<MediaOptions> options)
{
    /// <summary>The format that is chosen by what each client accepts.</summary>
    public const string Auto = "auto";

    private const decimal MaxPixelRatio = 4;
    private const int QualityStep = 5;

    /// <summary>The most that a side can have: what presets can have, too.</summary>
    private const int MaxSide = 8_192;

    /// <summary>The formats that may be asked for and can be made.</summary>
    public IEnumerable<ImageFormat> Formats => options.Value.TransformFormats
        .Select(static name => PresetReader.Encodings[name]).Where(engine.CanWrite);

    /// <returns>Null when there are errors.</returns>
    public ImageTransform? Read(TransformRequest request, string path, List<FieldError> errors)
    {
        var before = errors.Count;
        var fit = ReadFit(request.Fit, path, errors);
        var (width, height) = ReadSize(request, path, errors);
        if (fit is not ImageFit.Inside && (request.W is null || request.H is null) && errors.Count == before)
        {
            errors.Add(new FieldError(path + (request.W is null ? "w" : "h"), "required", "This fit needs a width and a height."));
        }

        var transform = new ImageTransform
        {
            Width = width,
            Height = height,
            Fit = fit,
            Focus = ReadFocus(request.Focus, fit, path, errors),
            Enlarge = request.Enlarge is true,
            IsAnimated = request.Animated is true,
            Quality = ReadQuality(request.Q, path, errors),
            Format = ReadFormat(request.Format, path, errors),
        };
        return errors.Count == before ? transform : null;
    }

    private (int? Width, int? Height) ReadSize(TransformRequest request, string path, List<FieldError> errors)
    {
        var (min, max) = (1, options.Value.Ladder[^1]);
        var ratio = request.Dpr ?? 1;
        if (ratio is < 1 or > MaxPixelRatio)
        {
            errors.Add(new FieldError(path + "dpr", "out_of_range", $"Expected 1 to {MaxPixelRatio}."));
            return default;
        }

        if ((request.W ?? request.H) is not { } leading)
        {
            errors.Add(new FieldError(path + "w", "required", "Expected a width, a height, or both."));
            return default;
        }

        // One side, the width if there is one, is put on the ladder, and the other one follows.
        var name = request.W is null ? "h" : "w";
        if (leading < min || leading * ratio > max)
        {
            errors.Add(new FieldError(path + name, "out_of_range", $"Expected {min} to {max} pixels, times dpr."));
            return default;
        }

        var snapped = options.Value.Ladder.First(step => step >= leading * ratio);
        if (request.W is null || request.H is not { } following)
        {
            return request.W is null ? (null, snapped) : (snapped, null);
        }

        var other = Math.Round(following * (decimal)snapped / leading, MidpointRounding.AwayFromZero);
        if (following < min || other > MaxSide)
        {
            errors.Add(new FieldError(path + "h", "out_of_range", $"Expected {min} to {MaxSide} pixels, times dpr."));
            return default;
        }

        return (snapped, Math.Max(1, (int)other));
    }

    private static ImageFit ReadFit(string? name, string path, List<FieldError> errors)
    {
        if (name is null)
        {
            return ImageFit.Inside;
        }

        if (!PresetReader.FitModes.TryGetValue(name, out var fit))
        {
            errors.Add(new FieldError(
                path + "fit", "not_in_enum", $"Expected one of {string.Join(", ", PresetReader.FitModes.Keys)}."));
        }

        return fit;
    }

    private static ImageFocus ReadFocus(string? text, ImageFit fit, string path, List<FieldError> errors)
    {
        if (text is null)
        {
            return ImageFocus.Center;
        }

        if (!FocusText.TryParse(text, out var focus))
        {
            errors.Add(new FieldError(path + "focus", "wrong_type", $"Expected {FocusText.Expected}."));
        }
        else if (fit is not ImageFit.Cover)
        {
            errors.Add(new FieldError(path + "focus", "not_supported", "Only fit=cover cuts something off."));
        }

        return focus;
    }

    private int ReadQuality(int? stated, string path, List<FieldError> errors)
    {
        var limits = options.Value;
        var quality = stated ?? limits.TransformQuality;
        if (quality < limits.MinTransformQuality || quality > limits.MaxTransformQuality)
        {
            errors.Add(new FieldError(
                path + "q", "out_of_range", $"Expected {limits.MinTransformQuality} to {limits.MaxTransformQuality}."));
        }

        var step = (int)Math.Round(quality / (decimal)QualityStep, MidpointRounding.AwayFromZero) * QualityStep;
        return Math.Clamp(step, limits.MinTransformQuality, limits.MaxTransformQuality);
    }

    private ImageFormat? ReadFormat(string? name, string path, List<FieldError> errors)
    {
        if (name is null or Auto)
        {
            return null;
        }

        if (PresetReader.Encodings.TryGetValue(name, out var format) && Formats.Contains(format))
        {
            return format;
        }

        errors.Add(new FieldError(
            path + "format", "unsupported_format",
            $"Expected one of {string.Join(", ", Formats.Select(ImageFormats.NameOf).Prepend(Auto))}."));
        return null;
    }

    /// <summary>What a query asks for; null when a number in it is none, which <paramref name="errors"/> then tell.</summary>
    public static TransformRequest? ReadRequest(Func<string, string?> query, List<FieldError> errors)
    {
        var before = errors.Count;
        var request = new TransformRequest
        {
            W = Number("w"),
            H = Number("h"),
            Q = Number("q"),
            Dpr = Ratio("dpr"),
            Fit = query("fit"),
            Focus = query("focus"),
            Format = query("format"),
            Enlarge = Flag("enlarge"),
            Animated = Flag("animated"),
        };
        return errors.Count == before ? request : null;

        int? Number(string name)
        {
            if (query(name) is not { } text)
            {
                return null;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }

            errors.Add(new FieldError(name, "wrong_type", "Expected a whole number."));
            return null;
        }

        decimal? Ratio(string name)
        {
            if (query(name) is not { } text)
            {
                return null;
            }

            if (text.Length <= 8 && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }

            errors.Add(new FieldError(name, "wrong_type", "Expected a number."));
            return null;
        }

        bool? Flag(string name)
        {
            if (query(name) is not { } text)
            {
                return null;
            }

            if (text is not ("true" or "false"))
            {
                errors.Add(new FieldError(name, "wrong_type", "Expected true or false."));
            }

            return text == "true";
        }
    }
}

/// <summary>What somebody asks for, before it is checked.</summary>
internal sealed record TransformRequest
{
    /// <summary>A preset instead of everything else; only to have its URL signed.</summary>
    public string? Preset { get; init; }

    /// <summary>Width in CSS pixels.</summary>
    public int? W { get; init; }

    /// <summary>Height in CSS pixels.</summary>
    public int? H { get; init; }

    /// <summary>Device pixels for each CSS pixel, 1 to 4.</summary>
    public decimal? Dpr { get; init; }

    /// <summary>inside, cover, contain or fill.</summary>
    public string? Fit { get; init; }

    /// <summary>center, attention, or a point from the top left: 0.5,0.25.</summary>
    public string? Focus { get; init; }

    /// <summary>auto, webp, jpeg, png or avif.</summary>
    public string? Format { get; init; }

    /// <summary>Quality.</summary>
    public int? Q { get; init; }

    /// <summary>Whether an image smaller than the box is enlarged.</summary>
    public bool? Enlarge { get; init; }

    /// <summary>Whether an animation stays one, where the format can.</summary>
    public bool? Animated { get; init; }
}
