using Backend.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Records;

/// <summary>Answers with a record and its ETag; 304 when the client has this version already.</summary>
internal sealed class RecordResult(
    StoredRecord record, int status, string? location = null, RecordShape? shape = null) : IResult
{
    public static string LocationOf(StoredRecord record) => $"/v1/data/{record.Key.Collection}/{record.Key.Id}";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // With what its references point to, the answer changes when those do.
        var isExpanded = shape?.Expanded is not null;
        var etag = isExpanded ? new ETag(RecordValidator.Of([record], shape)) : record.ETag;
        response.Headers.ETag = isExpanded ? $"W/{etag.ToHeader()}" : etag.ToHeader();
        RecordCaching.Apply(
            httpContext,
            httpContext.RequestServices.GetRequiredService<AppModel>().Collections.GetValueOrDefault(record.Key.Collection),
            dependsOnCaller: isExpanded);
        var request = httpContext.Request;
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && ETagCondition.Parse(request.Headers.IfNoneMatch).Names(etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.Location = location;
        RecordJson.Write(response.BodyWriter, record, forSync: false, shape);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}
