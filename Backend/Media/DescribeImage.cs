using Backend.Orchestrations;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Finds what an app shows before the image has arrived: a blurred placeholder and the dominant colour.</summary>
internal sealed class DescribeImage(UploadedFile uploads, IImageEngine engine, IOptions<MediaOptions> options)
    : IActivity<ProcessImageInput, ImageDescription>
{
    private const int SampleSize = 32;

    public static ActivityDefinition<ProcessImageInput, ImageDescription> Definition { get; } = new(
        nameof(DescribeImage), ProcessingJsonContext.Default.ProcessImageInput, ProcessingJsonContext.Default.ImageDescription);

    public async Task<ImageDescription> RunAsync(ProcessImageInput input, CancellationToken ct)
    {
        using var file = await uploads.OpenAsync(input, ct);
        if (file is null)
        {
            return new ImageDescription(null, null, null);
        }

        try
        {
            var sample = await engine.SampleAsync(file.Path, SampleSize, options.Value.Limits, ct);
            var (columns, rows) = sample.Width >= sample.Height ? (4, 3) : (3, 4);
            return new ImageDescription(BlurHash.Encode(sample, columns, rows), DominantColor.Find(sample), null);
        }
        catch (ImageRejectedException exception)
        {
            return new ImageDescription(null, null, new Rejection(MediaReasons.Of(exception.Fault), exception.Message));
        }
    }
}
