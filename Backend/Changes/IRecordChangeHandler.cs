using Backend.Records;

namespace Backend.Changes;

/// <summary>
/// Work that follows from changes of records, such as starting an orchestration. What was committed is delivered, also
/// after a crash: at least once, in the order of the last writes within a scope, by the record's latest version. Versions
/// that were replaced meanwhile are not delivered. So it must be idempotent, and state what it starts by the record's id
/// and ETag.
/// </summary>
public interface IRecordChangeHandler
{
    /// <summary>
    /// Names its position among the changes, which is stored. A handler of a new name begins with what changes from then on.
    /// </summary>
    string Name { get; }

    /// <param name="record">As it is now; a tombstone when it was deleted. Of every collection but internal ones.</param>
    /// <param name="ct">
    /// Cancelled when the host stops, or after <see cref="ChangeOptions.HandlerTimeoutSeconds"/>; the change is then delivered
    /// again.
    /// </param>
    /// <exception cref="Exception">
    /// Whatever it throws, the change is delivered again later, and none of the same scope before it is. Other scopes and
    /// other handlers do not wait for that.
    /// </exception>
    Task HandleAsync(StoredRecord record, CancellationToken ct);
}
