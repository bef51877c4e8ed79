using System.Net.Http.Headers;

namespace SyncClient;

/// <summary>Over HTTP.</summary>
/// <param name="http">Has the API's address, and a time-out. Let its handler decompress answers.</param>
/// <param name="token">The user's token; a new one when the last answer was 401.</param>
public sealed class HttpTransport(HttpClient http, Func<CancellationToken, Task<string>> token) : ITransport
{
    public async Task<SyncReply?> SendAsync(SyncMessage message, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(new HttpMethod(message.Method), new Uri(message.Address, UriKind.RelativeOrAbsolute));
        if (message.Body is not null)
        {
            request.Content = new ByteArrayContent(message.Body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(message.ContentType);
        }

        foreach (var (name, value) in message.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            if (!message.IsUpload)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token(ct));
            }

            using var response = await http.SendAsync(request, ct);
            return new SyncReply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(ct))
            {
                RetryAfter = response.Headers.RetryAfter?.Delta,
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null; // no connection, or a time-out: it may have arrived
        }
    }
}
