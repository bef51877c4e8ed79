using Backend.Model;
using Backend.Records;

namespace Backend.Merging;

/// <summary>
/// The one place where a mutation meets a record: a pure function of the two and the server's time. Whatever the order
/// in which mutations of different writers arrive, the record is the same in the end (docs/sync-protocol.md says how far
/// that goes, field type by field type).
/// </summary>
internal static class MergeMutation
{
    /// <param name="collection">What the record is, and how its collection merges.</param>
    /// <param name="current">The record or its tombstone; null when there is none.</param>
    /// <param name="mutation">What its writer did.</param>
    /// <param name="clock">The server's time.</param>
    /// <param name="resolver">The application's own merging of the collection; null when it has none.</param>
    public static MergeOutcome Apply(
        CollectionModel collection, StoredRecord? current, Mutation mutation, MergeClock clock, IRecordResolver? resolver = null)
    {
        if (current is null)
        {
            return mutation.IsForgotten ? new MergeOutcome.Forgotten()
                : mutation.Op is MutationOp.Put ? Create(collection, null, mutation, clock.StampOf(mutation, null), clock)
                : new MergeOutcome.Missing();
        }

        var state = MergeState.Of(current);
        if (state.Writers.TryGetValue(mutation.Writer, out var entry) && mutation.Seq <= entry.Seq)
        {
            // An earlier one than the writer's last may have been refused, and who was told so is forgotten, too.
            return mutation.IsForgotten && mutation.Seq < entry.Seq
                ? new MergeOutcome.Forgotten()
                : new MergeOutcome.Known(
                    !state.HasOthersSince(mutation.Base ?? entry.Stamp, mutation.Writer), IsLast: mutation.Seq == entry.Seq);
        }

        return mutation.IsForgotten ? new MergeOutcome.Forgotten()
            : collection.Merge is MergePolicy.CompareAndSet
                && state.HasOthersSince(mutation.Base ?? HybridTimestamp.Zero, mutation.Writer) ? new MergeOutcome.Conflict()
            : new Meeting(collection, current, state, mutation, clock.StampOf(mutation, state), clock, resolver).Apply();
    }

    private static MergeOutcome Create(
        CollectionModel collection, MergeState? former, Mutation mutation, HybridTimestamp stamp, MergeClock clock)
    {
        var errors = RecordInput.Put(collection, mutation.Fields, null, out var fields);
        if (errors.Count > 0)
        {
            return new MergeOutcome.Invalid(errors);
        }

        var state = MergeState.Born(new Stamp(stamp, mutation.Writer), clock.VersionAfter(former?.Version, stamp));
        if (former is not null)
        {
            state.Follow(former);
        }

        return Finish(fields, state, mutation, stamp, isWhole: true);
    }

    private static MergeOutcome.Merged Finish(
        RecordFields fields, MergeState state, Mutation mutation, HybridTimestamp stamp, bool isWhole)
    {
        state.Writers[mutation.Writer] = new WriterEntry(mutation.Seq, stamp, state.Version);
        return new MergeOutcome.Merged(fields, state, stamp, isWhole);
    }

    /// <summary>A mutation and the record that it meets.</summary>
    private sealed record Meeting(
        CollectionModel Collection, StoredRecord Current, MergeState State, Mutation Mutation, HybridTimestamp Stamp, MergeClock Clock,
        IRecordResolver? Resolver)
    {
        /// <summary>Whether others have written what the writer had not seen.</summary>
        private bool HasOthers => State.HasOthersSince(Mutation.Base ?? Stamp, Mutation.Writer);

        public MergeOutcome Apply() =>
            Mutation.Op is MutationOp.Delete ? Delete()
            : State.IsDeleted ? Revive()
            : Collection.Deletes is DeletePolicy.DeleteWins && !State.HasSeenDeletions(Mutation.Base ?? Stamp, Mutation.Writer)
                ? new MergeOutcome.Conflict() // it means a life of the record that is over
            : Change();

        private MergeOutcome Delete()
        {
            var hasOthers = HasOthers;
            if (!State.IsDeleted && Collection.Deletes is DeletePolicy.UpdateWins && hasOthers)
            {
                return new MergeOutcome.Conflict();
            }

            State.Version = Clock.VersionAfter(State.Version, Stamp);
            State.Delete(Mutation.Writer);
            return Finish(Current.Fields, State, Mutation, Stamp, !hasOthers);
        }

        /// <summary>A put or patch of what is deleted.</summary>
        private MergeOutcome Revive()
        {
            if (State.HasSeenDeletions(Mutation.Base ?? HybridTimestamp.Zero, Mutation.Writer))
            {
                // It knows that the record is deleted: another life, to which nothing comes over but who has written the former one.
                return Mutation.Op is MutationOp.Put
                    ? Create(Collection, State, Mutation, Stamp, Clock)
                    : new MergeOutcome.Missing();
            }

            if (Collection.Deletes is DeletePolicy.DeleteWins)
            {
                return new MergeOutcome.Conflict();
            }

            State.IsDeleted = false;
            State.Deletions.Clear();
            return Change();
        }

        private MergeOutcome Change()
        {
            var hasOthers = HasOthers;
            var errors = Mutation.Op is MutationOp.Put
                ? RecordInput.Put(Collection, Mutation.Fields, Current.Fields, out var proposed)
                : RecordInput.MergePatch(Collection, Mutation.Fields, Current.Fields, out proposed);
            if (errors.Count > 0)
            {
                return new MergeOutcome.Invalid(errors);
            }

            State.Version = Clock.VersionAfter(State.Version, Stamp);
            var merge = new FieldMerge(Current.Fields, proposed, State, Mutation, new Stamp(Stamp, Mutation.Writer));
            var merged = merge.Apply(Collection);
            if (merge.Errors.Count > 0)
            {
                return new MergeOutcome.Invalid(merge.Errors);
            }

            return Resolver is null || !hasOthers
                ? Finish(merged, State, Mutation, Stamp, !hasOthers && merge.HasWon)
                : Resolve(Resolver, proposed, merged);
        }

        private MergeOutcome Resolve(IRecordResolver resolver, RecordFields proposed, RecordFields merged)
        {
            if (resolver.Resolve(new ConflictingWrite(Current.Fields, proposed, merged)) is not { } resolved)
            {
                return new MergeOutcome.Conflict();
            }

            var errors = RecordInput.Check(Collection, resolved);
            if (errors.Count > 0)
            {
                throw new InvalidOperationException(
                    $"{resolver.GetType().Name} made what {Collection.Name} does not allow: {string.Join("; ", errors)}");
            }

            State.NoteServerChanges(Collection, merged, resolved, HybridTimestamp.At(Clock.Now));
            return Finish(resolved, State, Mutation, Stamp, isWhole: false);
        }
    }
}
