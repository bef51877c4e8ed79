using Local.Sqlite;

namespace Local.Orchestrations;

/// <summary>
/// Lets only the engine write whose turn it is. Every transaction of the engine asks for it, so one that was frozen,
/// while another took its place, changes nothing when it comes back, whatever it believes.
/// </summary>
internal sealed class EngineFence(SqliteDatabase database)
{
    private long _epoch;
    private volatile bool _isOver;

    /// <summary>Whether another engine was found to have taken over.</summary>
    public bool IsOver => _isOver;

    /// <summary>What the engine writes, in one transaction with the question whether it may.</summary>
    /// <exception cref="EngineFencedException">Another engine has taken over; nothing was written.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken ct)
    {
        var epoch = Volatile.Read(ref _epoch);
        return database.WriteAsync(
            session =>
            {
                ThrowIfOver(session, epoch);
                return work(session);
            },
            ct);
    }

    /// <summary>Makes it this engine's turn, and nobody else's.</summary>
    public Task TakeOverAsync(CancellationToken ct) => TakeOverAsync(null, ct);

    /// <summary>Makes it this engine's turn if the one before has not answered <paramref name="challenge"/>.</summary>
    public async Task<bool> TakeOverAsync(string? challenge, CancellationToken ct)
    {
        var epoch = await database.WriteAsync(
            session => session.Scalar(
                """
                UPDATE orchestration_engine SET epoch = epoch + 1, challenge = NULL
                WHERE @challenge IS NULL OR challenge = @challenge RETURNING epoch
                """,
                ("@challenge", challenge)) as long?,
            ct);
        if (epoch is not { } mine)
        {
            return false;
        }

        Volatile.Write(ref _epoch, mine);
        _isOver = false;
        return true;
    }

    /// <summary>Asks the engine whose turn it is whether it is still there.</summary>
    public Task ChallengeAsync(string challenge, CancellationToken ct) => database.WriteAsync(
        session => session.Execute("UPDATE orchestration_engine SET challenge = @challenge", ("@challenge", challenge)), ct);

    /// <summary>Tells whoever asked that this engine is there. Writes only when somebody did.</summary>
    /// <exception cref="EngineFencedException">Another engine has taken over.</exception>
    public async Task AnswerAsync(CancellationToken ct)
    {
        var epoch = Volatile.Read(ref _epoch);
        var isAsked = database.Read(session =>
        {
            ThrowIfOver(session, epoch);
            return session.Scalar("SELECT challenge FROM orchestration_engine") is not null;
        });
        if (isAsked)
        {
            await WriteAsync(static session => session.Execute("UPDATE orchestration_engine SET challenge = NULL"), ct);
        }
    }

    private void ThrowIfOver(SqliteSession session, long epoch)
    {
        if (session.Scalar("SELECT epoch FROM orchestration_engine") is not long current || current != epoch)
        {
            _isOver = true;
            throw new EngineFencedException();
        }
    }
}

/// <summary>Another process runs the orchestrations of this database now.</summary>
internal sealed class EngineFencedException() : Exception("another process has taken over the orchestrations");
