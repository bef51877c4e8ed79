using System.Security;
using Backend.Media;

namespace Local.Blobs;

/// <summary>An error as the blob protocol writes them: XML, and its code in a header.</summary>
internal sealed class BlobError : IResult
{
    public static readonly BlobError WrongSignature = new(
        StatusCodes.Status403Forbidden, "AuthenticationFailed", "The upload URL's signature is wrong or it has expired. Ask for a new one.");

    public static readonly BlobError NotAllowed = new(
        StatusCodes.Status403Forbidden, "AuthorizationPermissionMismatch", "This URL lets you upload and nothing else.");

    /// <summary>What Blob Storage answers, too, where the upload that has arrived is leased.</summary>
    public static readonly BlobError Used = new(
        StatusCodes.Status412PreconditionFailed, "LeaseIdMissing",
        "By this URL an upload has arrived, and it is good for one. Announce another upload to get another URL.");

    private readonly int _status;
    private readonly string _code;
    private readonly string _message;

    private BlobError(int status, string code, string message)
    {
        _status = status;
        _code = code;
        _message = message;
    }

    public static BlobError Invalid(string code, string message) => new(StatusCodes.Status400BadRequest, code, message);

    public static BlobError TooLarge(UploadTerms terms) => new(
        StatusCodes.Status413PayloadTooLarge, "RequestBodyTooLarge", $"The upload is larger than the {terms.MaxBytes} bytes announced.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = _status;
        httpContext.Response.ContentType = "application/xml";
        httpContext.Response.Headers["x-ms-error-code"] = _code;
        return httpContext.Response.WriteAsync(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{_code}</Code><Message>{SecurityElement.Escape(_message)}</Message></Error>",
            httpContext.RequestAborted);
    }
}
