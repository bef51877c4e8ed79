using Backend.Records;

namespace Backend.Hooks;

/// <summary>
/// A team's own code around the writes of one collection. Hooks of a collection run in the order of their registration,
/// for every write of a client, whichever way it comes: single, or one of a batch. A restoration is an update whose
/// <see cref="RecordWrite.Before"/> is deleted.
/// </summary>
public interface IRecordHook
{
    /// <summary>The collection whose writes it sees.</summary>
    string Collection { get; }

    /// <summary>
    /// Runs before a write that is valid and that the rules allow. May change fields, serverOnly ones too, or reject the
    /// write, and with it all of a batch. It runs again when somebody else wrote the record in between, or a request
    /// comes again, so it must have no effect but on <paramref name="write"/>. What it sets must be valid, too: a value that the model does
    /// not allow is a bug of the hook, fails the request with 500 and writes nothing.
    /// </summary>
    /// <returns>Why the write may not happen; null when it may.</returns>
    ValueTask<HookRejection?> BeforeWriteAsync(RecordWrite write, CancellationToken ct) =>
        ValueTask.FromResult<HookRejection?>(null);

    /// <summary>
    /// Runs after a write is durable; in a batch, after all of it is. What it throws is logged and changes nothing for the client; when the process is
    /// killed in between it does not run. Work that must happen starts an orchestration.
    /// </summary>
    ValueTask AfterWriteAsync(RecordWrite write, StoredRecord written, CancellationToken ct) => ValueTask.CompletedTask;
}

/// <summary>Why a hook rejects a write; the client gets it as a problem with status 422.</summary>
/// <param name="Code">Stable, for programs: small letters, digits and underscores.</param>
/// <param name="Message">For the developer of the client.</param>
/// <param name="Field">The field that is wrong; null for the record as a whole.</param>
public sealed record HookRejection(string Code, string Message, string? Field = null);
