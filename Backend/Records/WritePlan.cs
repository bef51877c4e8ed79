using Backend.Hooks;
using Backend.Rules;

namespace Backend.Records;

/// <summary>
/// What became of everything that comes before a write: validation, rules, preconditions, hooks. Nothing is written yet,
/// so that several plans can be carried out together.
/// </summary>
internal abstract record WritePlan
{
    private WritePlan()
    {
    }

    /// <param name="Operation">What the client does.</param>
    /// <param name="Change">What to hand to the store.</param>
    /// <param name="Write">For the hooks that run after it; null when there are none.</param>
    public sealed record Planned(RecordOperation Operation, RecordChange Change, RecordWrite? Write) : WritePlan
    {
        public StoredRecord Record => Change.Record;
    }

    public sealed record Refused(RecordOutcome Outcome) : WritePlan;
}
