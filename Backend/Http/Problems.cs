using System.Diagnostics;
using System.Text.Json.Serialization;
using Backend.Hooks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Backend.Http;

/// <param name="Path">JSON path of what is wrong, for example <c>$.fields.title</c>.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">For the developer.</param>
public sealed record FieldError(string Path, string Code, string Message);

/// <summary>Every error that the API answers with, as RFC 9457 problem details with a stable <c>code</c>.</summary>
internal static class Problems
{
    public const string OutcomeUnknownCode = "outcome_unknown";

    public static ProblemHttpResult RecordNotFound(string collection, string id) => Create(
        StatusCodes.Status404NotFound, "record_not_found", $"There is no record {id} in {collection}, or you may not read it.");

    public static ProblemHttpResult CollectionNotFound(string collection) => Create(
        StatusCodes.Status404NotFound, "collection_not_found", $"The model has no collection {collection}.");

    /// <param name="scope">As stated; null when the request states none and the collection lives in spaces alone.</param>
    public static ProblemHttpResult ScopeNotFound(string? scope) => scope is null
        ? Create(
            StatusCodes.Status400BadRequest, "scope_required", "The records of this collection live in spaces; state which.",
            [new FieldError("scope", "scope_required", "Expected space/ and the id of a space.")])
        : Create(
            StatusCodes.Status404NotFound, "scope_not_found", $"There is no scope {scope}, or you have no access to it.");

    public static ProblemHttpResult MediaNotFound(string id) => Create(
        StatusCodes.Status404NotFound, "media_not_found", $"There is no media {id}, or you may not read it.");

    public static ProblemHttpResult Forbidden(string operation, string collection) => Create(
        StatusCodes.Status403Forbidden, "forbidden", $"The rules of {collection} do not let you {operation} this record.");

    public static ProblemHttpResult AlreadyExists(string collection, string id) => Create(
        StatusCodes.Status409Conflict, "already_exists", $"{collection} already has a record {id}.");

    public static ProblemHttpResult NotDeleted(string collection, string id) => Create(
        StatusCodes.Status409Conflict, "not_deleted", $"The record {id} in {collection} is not deleted.");

    public static ProblemHttpResult RecordTooLarge(int bytes, int limit) => Create(
        StatusCodes.Status413PayloadTooLarge, "record_too_large",
        $"The record's fields have {bytes} bytes; at most {limit} are allowed.");

    public static ProblemHttpResult SchemaTooOld(int schema, int oldest, IReadOnlyList<FieldError> changes) => Create(
        StatusCodes.Status426UpgradeRequired, "schema_too_old",
        $"The client was written for version {schema} of the model; the oldest that is served is {oldest}. See errors for what has changed.",
        changes);

    public static ProblemHttpResult BatchTooLarge(int bytes, int limit) => Create(
        StatusCodes.Status413PayloadTooLarge, "batch_too_large",
        $"The fields of the batch's records have {bytes} bytes together; at most {limit} are allowed.");

    public static ProblemHttpResult OutcomeUnknown() => Create(
        StatusCodes.Status410Gone, OutcomeUnknownCode,
        "The mutation was sent so long ago that what became of it is no longer known, and its record tells nothing of it.");

    public static ProblemHttpResult TooManyWriters(int limit) => Create(
        StatusCodes.Status422UnprocessableEntity, "too_many_writers",
        $"More than {limit} clients have written the record lately; write it through /v1/data.");

    public static ProblemHttpResult GroupFailed(long seq) => Create(
        StatusCodes.Status424FailedDependency, "group_failed", $"The mutation {seq} of the same group cannot be applied, so none of it is.");

    public static ProblemHttpResult GroupOfScopes() => Create(
        StatusCodes.Status400BadRequest, "group_of_scopes", "The records of a group must be of one scope.");

    public static ProblemHttpResult GroupTooLarge(int limit, string unit) => Create(
        StatusCodes.Status413PayloadTooLarge, "group_too_large", $"A group has at most {limit} {unit}.");

    public static ProblemHttpResult IdempotencyKeyReused() => Create(
        StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused",
        "The Idempotency-Key was used with another path or body before.");

    public static ProblemHttpResult PreconditionFailed() => Create(
        StatusCodes.Status412PreconditionFailed, "precondition_failed", "The record has changed since the version you named.");

    public static ProblemHttpResult Rejected(HookRejection rejection) => Create(
        StatusCodes.Status422UnprocessableEntity, rejection.Code, rejection.Message,
        rejection.Field is { } field ? [new FieldError($"$.{field}", rejection.Code, rejection.Message)] : null);

    public static ProblemHttpResult Contended() => Create(
        StatusCodes.Status409Conflict, "contended", "The record is being changed by many at once; read it and try again.");

    public static ProblemHttpResult BadSignature(string detail) => Create(
        StatusCodes.Status403Forbidden, "bad_signature", detail);

    public static ProblemHttpResult Invalid(IReadOnlyList<FieldError> errors) => Create(
        StatusCodes.Status400BadRequest, "validation_failed", "The request has errors; see errors.", errors);

    public static ProblemHttpResult Invalid(string path, string code, string message) =>
        Invalid([new FieldError(path, code, message)]);

    public static ProblemHttpResult UnsupportedMediaType(string detail) => Create(
        StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", detail);

    public static ProblemHttpResult NotAcceptable(string detail) => Create(
        StatusCodes.Status406NotAcceptable, "not_acceptable", detail);

    public static ProblemHttpResult Create(
        int status, string code, string detail, IReadOnlyList<FieldError>? errors = null)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail };
        problem.Extensions["code"] = code;
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors;
        }

        Complete(problem);
        return TypedResults.Problem(problem);
    }

    /// <summary>The stable code of a problem that this class made.</summary>
    public static string CodeOf(ProblemHttpResult problem) =>
        problem.ProblemDetails.Extensions.TryGetValue("code", out var code) && code is string text ? text : CodeOf(problem.StatusCode);

    /// <summary>The errors of a problem that this class made; null when it has none.</summary>
    public static IReadOnlyList<FieldError>? ErrorsOf(ProblemHttpResult problem) =>
        problem.ProblemDetails.Extensions.TryGetValue("errors", out var errors) ? errors as IReadOnlyList<FieldError> : null;

    /// <summary>Fills in what every problem has; also for those that the framework makes itself.</summary>
    public static void Complete(ProblemDetails problem)
    {
        problem.Extensions.TryAdd("code", CodeOf(problem.Status ?? StatusCodes.Status500InternalServerError));
        problem.Detail ??= DetailOf(problem.Status);
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString();
    }

    private static string? DetailOf(int? status) => status switch
    {
        StatusCodes.Status401Unauthorized => "A valid bearer token is needed; the header WWW-Authenticate says what is wrong with the one sent.",
        StatusCodes.Status404NotFound => "There is nothing at this path; /openapi.json lists what there is.",
        StatusCodes.Status405MethodNotAllowed => "This path does not take this method.",
        StatusCodes.Status416RangeNotSatisfiable => "The range lies outside the file; Content-Range has its size.",
        _ => null,
    };

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "bad_request",
        StatusCodes.Status401Unauthorized => "unauthenticated",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status408RequestTimeout => "request_timeout",
        StatusCodes.Status413PayloadTooLarge => "payload_too_large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported_media_type",
        StatusCodes.Status416RangeNotSatisfiable => "range_not_satisfiable",
        >= 500 => "internal_error",
        _ => "request_failed",
    };
}

[JsonSerializable(typeof(IReadOnlyList<FieldError>))]
[JsonSerializable(typeof(FieldError[]))]
[JsonSerializable(typeof(List<FieldError>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ProblemsJsonContext : JsonSerializerContext;
