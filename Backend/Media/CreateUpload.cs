using System.Buffers;
using Backend.Http;
using Backend.Model;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Rules;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Media;

/// <summary>Makes a media record, or prepares one for another upload, and the URL to which the client sends the bytes.</summary>
internal sealed class CreateUpload(
    RecordAccess access, AppModel model, MediaRecords records, IMediaStore store, MediaUsage usage, MediaContents contents, IOrchestrator orchestrator,
    IOptions<MediaOptions> options, TimeProvider time)
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
        if ((request.Scope is not null && !Scope.TryParse(request.Scope, out scope))
            || !IsForMedia(scope)
            || await access.EnterAsync(caller, scope, ct) is not { } entered)
        {
            return new UploadOutcome.ScopeNotFound(request.Scope);
        }

        var id = RecordId.New(time.GetUtcNow());
        var details = new MediaDetails
        {
            Status = MediaStatus.Pending,
            ContentType = request.ContentType,
            Size = request.Size,
            Sha256 = request.Sha256,
        };
        if (!access.Allows(RecordOperation.Create, entered, records.New(scope, id, caller.Id, details)))
        {
            return new UploadOutcome.Forbidden();
        }

        var expiresAt = ExpiryOfUrl();
        var input = new ExpireUploadInput(scope.Value, id.Value, caller.Id, EndOf(expiresAt));
        // Started before anything is counted or written: whatever a crash leaves is cleared up by this.
        if (await usage.ReserveAsync(
            caller.Id, id, new OpenUpload(request.Size, input.At),
            () => orchestrator.StartAsync(ExpireUpload.Definition, ExpireUpload.InstanceIdOf(id.Value), input, ct), ct) is { } owned)
        {
            return new UploadOutcome.QuotaExceeded(owned);
        }

        await records.CreateAsync(scope, id, caller.Id, details, ct);
        return await OpenAsync(scope, id, caller.Id, request, new UploadTerms(request.ContentType, request.Size, expiresAt), ct);
    }

    /// <summary>Another upload of a media record that the caller may change: it becomes a new version.</summary>
    public async Task<UploadOutcome> ReplaceAsync(StoredRecord record, NewMedia request, CancellationToken ct)
    {
        var errors = FindErrors(request);
        if (request.Scope is not null)
        {
            errors.Add(new FieldError("$.scope", "not_supported", "A media record stays in its scope."));
        }

        if (errors.Count > 0)
        {
            return new UploadOutcome.Invalid(errors);
        }

        var terms = new UploadTerms(request.ContentType, request.Size, ExpiryOfUrl(), IsReplacement: true);
        var announced = new AnnouncedUpload(request.ContentType, request.Size, request.Sha256, EndOf(terms.ExpiresAt));
        return await AnnounceAsync(record, announced, ct) ?? await OpenAsync(record.Key.Scope, record.Key.Id, record.Owner, request, terms, ct);
    }

    /// <summary>Counts the upload and writes on the record that it is to come.</summary>
    /// <returns>Null when it may come, else why not.</returns>
    private async Task<UploadOutcome?> AnnounceAsync(StoredRecord record, AnnouncedUpload announced, CancellationToken ct)
    {
        var (scope, id, owner) = (record.Key.Scope, record.Key.Id, record.Owner);
        for (var current = record; current is { Deleted: false }; current = await records.FindAsync(scope, id, ct))
        {
            var counted = MediaDetails.Read(current).CountedSize;
            var input = new ExpireUploadInput(scope.Value, id.Value, owner, announced.Until);
            // What is counted or announced always has something that ends it.
            if (await usage.ReplaceAsync(
                owner, id, new OpenUpload(announced.Size, announced.Until), counted,
                () => orchestrator.StartAsync(ExpireUpload.Definition, ExpireUpload.InstanceIdOf(id.Value, announced.Until), input, ct), ct) is { } owned)
            {
                return new UploadOutcome.QuotaExceeded(owned);
            }

            if (await records.ChangeAsync(
                scope, id, before => before.CountedSize == counted ? before with { Announced = announced } : null, ct, movesState: false))
            {
                return null;
            }

            // Announced by somebody else meanwhile, too, or deleted.
        }

        return new UploadOutcome.NotFound(id);
    }

    private async Task<UploadOutcome> OpenAsync(
        Scope scope, RecordId id, string owner, NewMedia request, UploadTerms terms, CancellationToken ct)
    {
        var duplicate = request.Sha256 is { } hash ? await contents.FindAsync(scope, owner, hash, ct) : null;
        var target = await store.CreateUploadAsync(BlobName.ForUpload(scope, id), terms, ct);
        return new UploadOutcome.Created(id, target, duplicate == id ? null : duplicate);
    }

    /// <summary>A public scope is its collection's, and the model may keep media out of it, or out of spaces.</summary>
    private bool IsForMedia(Scope scope) => model.Media.RulesIn(scope.Kind) is not null
        && (scope.Kind is not ScopeKind.Public || scope.Name == AppModel.MediaCollection);

    /// <summary>Whole seconds: a signed URL has no finer time.</summary>
    private DateTimeOffset ExpiryOfUrl() =>
        DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()).AddMinutes(options.Value.UploadUrlMinutes);

    /// <summary>When nothing is expected any more by a URL that expires then.</summary>
    private DateTimeOffset EndOf(DateTimeOffset expiresAt) => expiresAt.AddMinutes(options.Value.UnusedSlotMinutes);

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

    /// <param name="Id">The media record.</param>
    /// <param name="Target">Where the bytes go.</param>
    /// <param name="DuplicateOf">Ready media of the same owner with the announced content.</param>
    public sealed record Created(RecordId Id, UploadTarget Target, RecordId? DuplicateOf) : UploadOutcome;

    /// <param name="Owned">What the owner has already.</param>
    public sealed record QuotaExceeded(Usage Owned) : UploadOutcome;

    public sealed record ScopeNotFound(string? Scope) : UploadOutcome;

    /// <param name="Id">The media record, which was deleted meanwhile.</param>
    public sealed record NotFound(RecordId Id) : UploadOutcome;

    public sealed record Forbidden : UploadOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : UploadOutcome;
}
