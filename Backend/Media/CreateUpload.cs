using System.Buffers;
using Backend.Http;
using Backend.Records;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Makes a media record and the URL to which the client sends the bytes.</summary>
internal sealed class CreateUpload(
    MediaRecords records, IMediaStore store, IOptions<MediaOptions> options, TimeProvider time)
{
    private const int Sha256HexLength = 64;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public async Task<UploadOutcome> ExecuteAsync(Caller caller, NewMedia request, CancellationToken ct)
    {
        var errors = FindErrors(request);
        if (errors.Count > 0)
        {
            return new UploadOutcome.Invalid(errors);
        }

        var scope = Scope.ForUser(caller.Id);
        // Whoever may see the images of a scope that others share is decided by rules that media do not have yet.
        if (request.Scope is not null && request.Scope != scope.Value)
        {
            return new UploadOutcome.ScopeNotFound(request.Scope);
        }

        var details = new MediaDetails
        {
            Status = MediaStatus.Pending,
            ContentType = request.ContentType,
            Size = request.Size,
            Sha256 = request.Sha256,
        };
        var key = await records.CreateAsync(scope, caller.Id, details, ct);
        // Whole seconds: a signed URL has no finer time.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds())
            .AddMinutes(options.Value.UploadUrlMinutes);
        var target = await store.CreateUploadAsync(
            BlobName.ForUpload(scope, key.Id), new UploadTerms(request.ContentType, request.Size, expiresAt), ct);
        return new UploadOutcome.Created(key.Id, target);
    }

    private List<FieldError> FindErrors(NewMedia request)
    {
        var errors = new List<FieldError>();
        if (!ImageFormats.UploadTypes.Contains(request.ContentType, StringComparer.Ordinal))
        {
            errors.Add(new FieldError(
                "$.contentType", "unsupported_format", $"Expected one of {string.Join(", ", ImageFormats.UploadTypes)}."));
        }

        if (request.Size < 1 || request.Size > options.Value.MaxUploadBytes)
        {
            errors.Add(new FieldError(
                "$.size", "out_of_range", $"Expected 1 to {options.Value.MaxUploadBytes} bytes."));
        }

        if (request.Sha256 is { } hash && (hash.Length != Sha256HexLength || hash.AsSpan().ContainsAnyExcept(Hex)))
        {
            errors.Add(new FieldError("$.sha256", "invalid_hash", "Expected 64 hex digits in lower case."));
        }

        return errors;
    }
}

internal abstract record UploadOutcome
{
    private UploadOutcome()
    {
    }

    public sealed record Created(RecordId Id, UploadTarget Target) : UploadOutcome;

    public sealed record ScopeNotFound(string Scope) : UploadOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : UploadOutcome;
}
