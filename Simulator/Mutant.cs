namespace Simulator;

/// <summary>Ways to break what the protocol promises, on purpose: each must be found out.</summary>
public enum Mutant
{
    None,

    /// <summary>A page leaves a record out and moves its cursor all the same.</summary>
    ChangesAreSkipped,

    /// <summary>A short page is told to be the last.</summary>
    PagesEndEarly,

    /// <summary>Deletions are not told.</summary>
    DeletionsAreHidden,

    /// <summary>Who is put out of a space is not told so.</summary>
    RevocationsAreHidden,

    /// <summary>A cursor goes on that is too old, or was another role's.</summary>
    CursorsNeverEnd,

    /// <summary>Tombstones go before the retention is over.</summary>
    TombstonesArePurgedAtOnce,

    /// <summary>A mutation that comes again is a new one.</summary>
    MutationsCountAgain,

    /// <summary>What was sent too long ago to be remembered is a new mutation.</summary>
    OldMutationsAreTaken,

    /// <summary>A mutation is answered and not applied.</summary>
    MutationsAreDropped,

    /// <summary>A mutation is applied and answered as rejected.</summary>
    EffectsAreDenied,

    /// <summary>What was refused is taken when it arrives once more.</summary>
    RefusalsAreForgotten,

    /// <summary>The last to arrive wins, not the last to write.</summary>
    ArrivalIsOrder,

    /// <summary>A removal takes additions, too, that it has not seen.</summary>
    RemovalsWin,

    /// <summary>Stamps from the future are believed.</summary>
    ClocksAreTrusted,

    /// <summary>Checksums are of something else.</summary>
    ChecksumsAreWrong,

    /// <summary>A device stores a cursor before the records that came with it.</summary>
    CursorsComeFirst,

    /// <summary>A device that starts again has lost its queue.</summary>
    QueuesAreLost,

    /// <summary>A device that starts again counts from where it was before.</summary>
    NumbersComeAgain,

    /// <summary>A mutation of a group goes by itself.</summary>
    GroupsAreSplit,

    /// <summary>An app of which the model has lost a field is served all the same.</summary>
    OldSchemasAreServed,

    /// <summary>What was written last is gone when the servers are killed, although it was answered.</summary>
    AnswersComeBeforeWrites,

    /// <summary>What a resolver would decide is merged by field.</summary>
    ResolversAreIgnored,

    /// <summary>A mutation's base is taken to be the record as it is: it knows of everything.</summary>
    BasesAreBelieved,
}
