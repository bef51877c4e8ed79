using Backend.Hooks;
using Backend.Http;
using Backend.Rules;

namespace Backend.Records;

/// <summary>What became of a request for one record.</summary>
internal abstract record RecordOutcome
{
    private RecordOutcome()
    {
    }

    public sealed record Done(StoredRecord Record) : RecordOutcome
    {
        /// <summary>What of it to answer; null for all.</summary>
        public RecordShape? Shape { get; init; }
    }

    public sealed record Created(StoredRecord Record) : RecordOutcome;

    public sealed record CollectionNotFound(string Collection) : RecordOutcome;

    public sealed record ScopeNotFound(string? Scope) : RecordOutcome;

    /// <summary>There is none, or the caller may not know that there is.</summary>
    public sealed record NotFound(string Collection, string Id) : RecordOutcome;

    public sealed record Forbidden(RecordOperation Operation, string Collection) : RecordOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : RecordOutcome;

    public sealed record AlreadyExists(string Collection, string Id) : RecordOutcome;

    /// <summary>The record is there; only a deleted one can be restored.</summary>
    public sealed record NotDeleted(string Collection, string Id) : RecordOutcome;

    /// <summary>The fields are larger than a record's may be, in bytes as stored.</summary>
    public sealed record TooLarge(int Bytes, int Limit) : RecordOutcome;

    /// <summary>A hook of the application refused the write.</summary>
    public sealed record Rejected(HookRejection Rejection) : RecordOutcome;

    /// <summary>The caller named a version that is no longer the current one.</summary>
    public sealed record PreconditionFailed : RecordOutcome;

    /// <summary>Others kept changing the record; nothing was written.</summary>
    public sealed record Contended : RecordOutcome;
}
