using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Backend.Media.Delivery;

/// <summary>
/// Chooses an encoding by the Accept header (RFC 9110, section 12.5.1). Only what a client names counts: <c>*/*</c> says
/// nothing about new formats, everybody can show JPEG and PNG.
/// </summary>
internal sealed class AcceptedFormats(TransformQuery transforms, IOptions<MediaOptions> options)
{
    /// <param name="request">The request.</param>
    /// <param name="hasAlpha">Whether the image has transparency, which JPEG cannot keep.</param>
    public ImageFormat Choose(HttpRequest request, bool hasAlpha)
    {
        _ = MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted);
        foreach (var name in options.Value.AutoFormats)
        {
            var format = Model.PresetReader.Encodings[name];
            if (transforms.Formats.Contains(format) && Names(accepted, ImageFormats.ContentTypeOf(format)))
            {
                return format;
            }
        }

        return hasAlpha ? ImageFormat.Png : ImageFormat.Jpeg;
    }

    private static bool Names(IList<MediaTypeHeaderValue>? accepted, string type) =>
        accepted?.Any(range => range.Quality is not 0 && range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)) is true;
}
