using Backend.Records;
using Backend.Security;

namespace Backend.Media;

/// <summary>Finds a media record that the caller may read.</summary>
internal sealed class ReadMedia(RecordAccess access, MediaRecords records)
{
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The media record as sent.</param>
    /// <param name="statedScope">The scope as sent; null for the caller's own.</param>
    /// <param name="ct">Cancels the request.</param>
    public async Task<StoredRecord?> ExecuteAsync(Caller caller, string id, string? statedScope, CancellationToken ct)
    {
        var scope = Scope.ForUser(caller.Id);
        if (!RecordId.TryParse(id, out var recordId)
            || (statedScope is not null && !Scope.TryParse(statedScope, out scope))
            || await access.EnterAsync(caller, scope, ct) is not { } entered)
        {
            return null;
        }

        var record = await records.FindAsync(scope, recordId, ct);
        return access.CanRead(entered, record) ? record : null;
    }
}
