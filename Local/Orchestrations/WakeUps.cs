namespace Local.Orchestrations;

/// <summary>
/// How the parts of the engine tell each other that the database has work for them. Only hints: what is to be done is
/// in the database, and a lost hint costs time, never work.
/// </summary>
internal sealed class WakeUps
{
    public ReadyInstances Instances { get; } = new();

    /// <summary>Activities were scheduled.</summary>
    public Signal Activities { get; } = new();

    /// <summary>Timers were created.</summary>
    public Signal Timers { get; } = new();
}
