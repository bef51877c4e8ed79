using System.Diagnostics;
using Backend.Http;
using Backend.Merging;
using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Push;

/// <summary>
/// Plans what one mutation makes of one record: merging, and then all that a write of the data API goes through, by the
/// same code.
/// </summary>
internal sealed partial class PlanMutation(
    RecordAccess access, FinishPlan finish, Resolvers resolvers, Retention retention, IOptions<SyncOptions> options, TimeProvider time,
    ILogger<PlanMutation> logger)
{
    /// <param name="entered">Who writes, and where.</param>
    /// <param name="collection">The record's collection.</param>
    /// <param name="current">The record or tombstone as it is; null when there is none.</param>
    /// <param name="pushed">The mutation.</param>
    /// <param name="writer">Who made it.</param>
    /// <param name="ct">Cancels hooks and reads.</param>
    public async ValueTask<MutationPlan> ExecuteAsync(
        ScopeAccess entered, CollectionModel collection, StoredRecord? current, PushedMutation pushed, string writer, CancellationToken ct)
    {
        try
        {
            return await FindAsync(entered, collection, current, pushed, writer, ct);
        }
        catch (Exception exception) when (exception is not (StoreUnavailableException or OperationCanceledException))
        {
            // A bug, of a hook perhaps. It must not hold up the other mutations, nor cost the user this one.
            LogFailed(exception, collection.Name);
            return new MutationPlan.Failed();
        }
    }

    private async ValueTask<MutationPlan> FindAsync(
        ScopeAccess entered, CollectionModel collection, StoredRecord? current, PushedMutation pushed, string writer, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var mutation = pushed.ToMutation(writer, pushed.IsForgotten(retention, time));
        var clock = new MergeClock(now, TimeSpan.FromSeconds(options.Value.MaxClockDriftSeconds));
        var outcome = MergeMutation.Apply(collection, current, mutation, clock, resolvers.Find(collection));
        if (outcome is MergeOutcome.Known known)
        {
            return new MutationPlan.Known(known.IsWhole, known.IsLast);
        }

        if (outcome is MergeOutcome.Forgotten)
        {
            return new MutationPlan.Refused(MutationResult.Rejected(pushed.Seq, Problems.OutcomeUnknown()));
        }

        // Hide before anything is told: of a record that the caller may not read, not even what would be wrong with it.
        if (current is not null && !access.CanRead(entered, current with { Deleted = false }))
        {
            return Refuse(mutation.Op is MutationOp.Put ? Exists(collection, pushed) : NotFound(collection, pushed));
        }

        return outcome switch
        {
            MergeOutcome.Merged merged => await PlanAsync(entered, collection, current, pushed, merged, now, ct),
            MergeOutcome.Conflict => new MutationPlan.Conflict(),
            MergeOutcome.Missing => Refuse(NotFound(collection, pushed)),
            MergeOutcome.Invalid invalid => Refuse(new RecordOutcome.Invalid(invalid.Errors)),
            _ => throw new UnreachableException(),
        };

        MutationPlan Refuse(RecordOutcome refusal) => new MutationPlan.Refused(MutationResult.Rejected(pushed.Seq, refusal));
    }

    private async ValueTask<MutationPlan> PlanAsync(
        ScopeAccess entered, CollectionModel collection, StoredRecord? current, PushedMutation pushed, MergeOutcome.Merged merged,
        DateTimeOffset now, CancellationToken ct)
    {
        // A deleted record that is put again begins a new life, and it is its owner's to begin.
        var isNew = current is null || (current.Deleted && merged.State.BirthVersion == merged.State.Version);
        if (isNew && current is not null && current.Owner != entered.Caller.Id)
        {
            return new MutationPlan.Refused(MutationResult.Rejected(pushed.Seq, Exists(collection, pushed)));
        }

        var after = Write(entered, collection, isNew ? null : current, pushed, merged, now);
        var operation = merged.Deleted ? RecordOperation.Delete : isNew ? RecordOperation.Create : RecordOperation.Update;
        var previous = operation is RecordOperation.Update && current is not null ? current with { Deleted = false } : null;
        if (!access.Allows(operation, entered, after, previous))
        {
            return new MutationPlan.Refused(MutationResult.Rejected(pushed.Seq, new RecordOutcome.Forbidden(operation, collection.Name)));
        }

        if (merged.State.Writers.Count > options.Value.MaxWritersPerRecord)
        {
            return new MutationPlan.Refused(MutationResult.Rejected(
                pushed.Seq, Problems.TooManyWriters(options.Value.MaxWritersPerRecord)));
        }

        return await finish.MergedAsync(entered, operation, collection, isNew ? null : current, after, ct) switch
        {
            WritePlan.Planned planned => new MutationPlan.Planned(
                planned, merged.IsWhole, merged.Stamp == pushed.Stamp || pushed.Stamp is null ? null : merged.Stamp),
            WritePlan.Refused refused => new MutationPlan.Refused(MutationResult.Rejected(pushed.Seq, refused.Outcome)),
            _ => throw new UnreachableException(),
        };
    }

    private StoredRecord Write(
        ScopeAccess entered, CollectionModel collection, StoredRecord? current, PushedMutation pushed, MergeOutcome.Merged merged,
        DateTimeOffset now)
    {
        var record = new StoredRecord
        {
            Key = new RecordKey(entered.Scope, collection.Name, pushed.Id),
            Owner = current?.Owner ?? entered.Caller.Id,
            CreatedAt = current?.CreatedAt ?? now,
            UpdatedAt = now,
            Deleted = merged.Deleted,
            ExpiresAt = merged.Deleted ? retention.ExpiryOf(collection, now) : null,
            Fields = merged.Fields,
            Retained = current?.Retained,
        };
        merged.State.ForgetWritersBefore(now - retention.MemoryOfClients);
        return record with { MergeState = merged.State.ToJson(record) };
    }

    [LoggerMessage(LogLevel.Error, "A mutation of {Collection} could not be planned; its client is told to send it again")]
    private partial void LogFailed(Exception exception, string collection);

    private static RecordOutcome.NotFound NotFound(CollectionModel collection, PushedMutation pushed) =>
        new(collection.Name, pushed.Id.Value);

    private static RecordOutcome.AlreadyExists Exists(CollectionModel collection, PushedMutation pushed) =>
        new(collection.Name, pushed.Id.Value);
}

/// <summary>What comes before a mutation is written.</summary>
internal abstract record MutationPlan
{
    private MutationPlan()
    {
    }

    /// <param name="Write">What to write.</param>
    /// <param name="IsWhole">See <see cref="MergeOutcome.Merged"/>.</param>
    /// <param name="Stamp">The stamp that it got, when it came with another one.</param>
    public sealed record Planned(WritePlan.Planned Write, bool IsWhole, HybridTimestamp? Stamp) : MutationPlan;

    /// <inheritdoc cref="MergeOutcome.Known"/>
    public sealed record Known(bool IsWhole, bool IsLast) : MutationPlan;

    public sealed record Conflict : MutationPlan;

    /// <summary>The server's own fault; it may be mended when the mutation comes again.</summary>
    public sealed record Failed : MutationPlan;

    public sealed record Refused(MutationResult Result) : MutationPlan;
}
