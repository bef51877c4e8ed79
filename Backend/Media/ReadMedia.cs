using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Backend.Security;

namespace Backend.Media;

/// <summary>Finds a media record that the caller may read.</summary>
internal sealed class ReadMedia(RecordAccess access, MediaRecords records)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The media record as sent.</param>
    /// <param name="statedScope">The scope as sent; null for the caller's own.</param>
    /// <param name="ct">Cancels the request.</param>
    public async Task<StoredRecord?> ExecuteAsync(Caller caller, string id, string? statedScope, CancellationToken ct) =>
        await FindAsync(caller, id, statedScope, RecordOperation.Read, ct) is MediaAccess.Allowed allowed ? allowed.Record : null;

    /// <summary>Finds a media record that everybody may read, with or without a token.</summary>
    public async Task<StoredRecord?> FindOpenAsync(string id, string? statedScope, CancellationToken ct) =>
        statedScope is not null
        && Scope.TryParse(statedScope, out var scope)
        && scope == Scope.ForPublic(AppModel.MediaCollection)
        && RecordId.TryParse(id, out var recordId)
        && await records.FindAsync(scope, recordId, ct) is { } record
        && access.IsOpenToAll(record)
            ? record
            : null;

    /// <summary>Finds a media record that the caller may change or delete; hidden before it is denied.</summary>
    public async Task<MediaAccess> FindAsync(
        Caller caller, string id, string? statedScope, RecordOperation operation, CancellationToken ct)
    {
        var scope = Scope.ForUser(caller.Id);
        if (!RecordId.TryParse(id, out var recordId)
            || (statedScope is not null && !Scope.TryParse(statedScope, out scope))
            || await access.EnterAsync(caller, scope, ct) is not { } entered)
        {
            return new MediaAccess.NotFound();
        }

        var record = await records.FindAsync(scope, recordId, ct);
        if (!access.CanRead(entered, record))
        {
            return new MediaAccess.NotFound();
        }

        var previous = operation is RecordOperation.Update ? record : null;
        return operation is RecordOperation.Read || access.Allows(operation, entered, record, previous)
            ? new MediaAccess.Allowed(record)
            : new MediaAccess.Forbidden();
    }
}

internal abstract record MediaAccess
{
    private MediaAccess()
    {
    }

    public sealed record Allowed(StoredRecord Record) : MediaAccess;

    public sealed record NotFound : MediaAccess;

    public sealed record Forbidden : MediaAccess;
}
