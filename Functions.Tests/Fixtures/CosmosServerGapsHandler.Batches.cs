using System.Net;
using System.Text.Json;

namespace Functions.Tests.Fixtures;

internal sealed partial class CosmosServerGapsHandler
{
    private async Task<HttpResponseMessage> ApplyBatchAsync(HttpRequestMessage request, string container, CancellationToken ct)
    {
        var body = await (request.Content ?? new ByteArrayContent([])).ReadAsStreamAsync(ct);
        var operations = await CosmosBatchFormat.ReadAsync(body);
        await log.WriteTurn.WaitAsync(ct);
        try
        {
            var results = await CheckAsync(request, operations)
                ?? await SendAllAsync(request, container, operations);
            var isDone = results.All(result => (int)result.Status < 400);
            var response = Answer(request, isDone ? HttpStatusCode.OK : HttpStatusCode.MultiStatus, static _ => { });
            response.Content = new ByteArrayContent(await CosmosBatchFormat.WriteAsync(results));
            return response;
        }
        finally
        {
            log.WriteTurn.Release();
        }
    }

    /// <summary>The results when a condition does not hold; null when all of them do.</summary>
    private async Task<IReadOnlyList<CosmosBatchFormat.OperationResult>?> CheckAsync(
        HttpRequestMessage batch, IReadOnlyList<CosmosBatchFormat.Operation> operations)
    {
        foreach (var (i, operation) in operations.Index())
        {
            using var document = JsonDocument.Parse(operation.Body);
            var id = operation.Id ?? document.RootElement.GetProperty("id").GetString() ?? "";
            using var read = Message(batch, HttpMethod.Get, id, null);
            using var found = await SendToServerAsync(read, CancellationToken.None);
            HttpStatusCode? failure = operation.Id is null
                ? found.StatusCode is HttpStatusCode.NotFound ? null : HttpStatusCode.Conflict
                : found.StatusCode is HttpStatusCode.NotFound ? HttpStatusCode.NotFound
                : await ETagAsync(found) == operation.IfMatch?.Trim('"') ? null
                : HttpStatusCode.PreconditionFailed;
            if (failure is { } status)
            {
                return [.. operations.Select((_, other) => new CosmosBatchFormat.OperationResult(
                    other == i ? status : HttpStatusCode.FailedDependency))];
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<CosmosBatchFormat.OperationResult>> SendAllAsync(
        HttpRequestMessage batch, string container, IReadOnlyList<CosmosBatchFormat.Operation> operations)
    {
        var results = new List<CosmosBatchFormat.OperationResult>();
        foreach (var operation in operations)
        {
            var method = operation.Id is null ? HttpMethod.Post : HttpMethod.Put;
            using var write = Message(batch, method, operation.Id, operation.Body);
            using var response = await SendToServerAsync(write, CancellationToken.None);
            await response.Content.LoadIntoBufferAsync();
            response.EnsureSuccessStatusCode();
            await NoteAsync(write, container, response);
            results.Add(new CosmosBatchFormat.OperationResult(
                operation.Id is null ? HttpStatusCode.Created : HttpStatusCode.OK, $"\"{await ETagAsync(response)}\""));
        }

        return results;
    }

    /// <summary>A request for one item of the batch's container, with the batch's date, key and partition.</summary>
    private static HttpRequestMessage Message(HttpRequestMessage batch, HttpMethod method, string? id, byte[]? body)
    {
        var path = id is null ? "" : $"/{Uri.EscapeDataString(id)}";
        var message = new HttpRequestMessage(method, new Uri(batch.RequestUri + path));
        foreach (var (name, values) in batch.Headers.NonValidated.Where(header => !header.Key.Contains("batch", StringComparison.OrdinalIgnoreCase)))
        {
            message.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        if (body is not null)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new("application/json");
        }

        return message;
    }

    private static async Task<string?> ETagAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.GetProperty("_etag").GetString()?.Trim('"');
    }
}
