using Backend.Http;
using Backend.Rules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Backend.Records;

/// <summary>The problem that stands for each outcome that is none of success.</summary>
internal static class RecordProblems
{
    public static ProblemHttpResult Of(RecordOutcome outcome) => outcome switch
    {
        RecordOutcome.CollectionNotFound missing => Problems.CollectionNotFound(missing.Collection),
        RecordOutcome.ScopeNotFound missing => Problems.ScopeNotFound(missing.Scope),
        RecordOutcome.NotFound missing => Problems.RecordNotFound(missing.Collection, missing.Id),
        RecordOutcome.Forbidden forbidden => Problems.Forbidden(Verb(forbidden.Operation), forbidden.Collection),
        RecordOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
        RecordOutcome.TooLarge large => Problems.RecordTooLarge(large.Bytes, large.Limit),
        RecordOutcome.Rejected rejected => Problems.Rejected(rejected.Rejection),
        RecordOutcome.AlreadyExists exists => Problems.AlreadyExists(exists.Collection, exists.Id),
        RecordOutcome.NotDeleted exists => Problems.NotDeleted(exists.Collection, exists.Id),
        RecordOutcome.PreconditionFailed => Problems.PreconditionFailed(),
        RecordOutcome.Contended => Problems.Contended(),
        _ => throw new ArgumentException($"{outcome} is no problem.", nameof(outcome)),
    };

    private static string Verb(RecordOperation operation) => operation switch
    {
        RecordOperation.Create => "create",
        RecordOperation.Update => "change",
        RecordOperation.Delete => "delete",
        _ => "read",
    };
}
