using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Http;

/// <summary>Reads request bodies of any format whole, up to the limit.</summary>
internal static class RequestBody
{
    /// <exception cref="RequestException">It is too large, or compressed in a way that is not understood.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            // The pipeline takes the header away from what it can decompress.
            throw new RequestException(Problems.UnsupportedMediaType("The Content-Encoding is not supported; expected br, gzip or deflate."));
        }

        var limit = context.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value.MaxBodyBytes;
        try
        {
            return await ReadToEndAsync(context.Request.BodyReader, limit, context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            throw new RequestException(Problems.Invalid("$", "malformed_encoding", "The body is not what its Content-Encoding says."));
        }
    }

    /// <summary>
    /// Lets the server's own buffers grow until the body is there, so that a body which arrives in one piece is copied
    /// once. Counts itself: the server's own limit sees the bytes before they are decompressed.
    /// </summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadToEndAsync(PipeReader reader, int limit, CancellationToken ct)
    {
        while (true)
        {
            var result = await reader.ReadAsync(ct);
            var buffer = result.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                throw new RequestException(Problems.Create(
                    StatusCodes.Status413PayloadTooLarge, "payload_too_large",
                    $"The body is larger than {limit} bytes."));
            }

            if (result.IsCompleted)
            {
                var body = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return body;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
