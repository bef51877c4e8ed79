using Microsoft.Extensions.Options;

namespace Local.Orchestrations;

/// <summary>
/// Waits for this engine's turn. A free lock tells that the engine before is gone, and it is taken at once. One that
/// holds its lock without answering for a time is frozen, and passed over; the fence keeps out what it does later.
/// </summary>
internal sealed partial class EngineLease(
    OrchestrationStore store,
    EngineFence fence,
    IOptions<OrchestrationOptions> options,
    TimeProvider time,
    ILogger<EngineLease> logger)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromSeconds(1);

    private EngineLock? _lock;

    /// <summary>
    /// After a lost turn a free lock proves nothing: its new owner may not hold the lock, which this one still had.
    /// </summary>
    private bool _wasFenced;

    public async Task TakeAsync(CancellationToken stopping)
    {
        var file = store.File;
        for (var asked = new Question(); ; await Task.Delay(LockRetry, time, stopping))
        {
            TryTakeLock(file, asked.IsFirst);
            if (_lock is not null && !_wasFenced)
            {
                await fence.TakeOverAsync(stopping);
                return;
            }

            if (await AskAsync(asked, stopping))
            {
                Log.TakenOver(logger, options.Value.TakeOverAfter, file);
                return;
            }
        }
    }

    /// <summary>To be called now and then while it is this engine's turn.</summary>
    /// <exception cref="EngineFencedException">It no longer is.</exception>
    public async Task KeepAsync(CancellationToken ct)
    {
        await fence.AnswerAsync(ct);
        TryTakeLock(store.File, isFirst: false); // that of a frozen engine which has ended since
    }

    /// <summary>Another engine has taken over.</summary>
    public void Lose()
    {
        Release();
        _wasFenced = true;
    }

    public void Release()
    {
        _lock?.Dispose();
        _lock = null;
    }

    private void TryTakeLock(string file, bool isFirst)
    {
        if (_lock is not null)
        {
            return;
        }

        _lock = EngineLock.TryTake(file, out var taken);
        if (_lock is null)
        {
            _wasFenced = false; // its owner does hold it
            if (isFirst)
            {
                Log.LockTaken(logger, taken, file);
            }
        }
    }

    /// <returns>Whether the question stayed without an answer for too long, and it is this engine's turn now.</returns>
    private async Task<bool> AskAsync(Question question, CancellationToken ct)
    {
        var waited = time.GetElapsedTime(question.AskedAt);
        if (question.IsFirst || waited > options.Value.TakeOverAfter)
        {
            if (!question.IsFirst && await fence.TakeOverAsync(question.Text, ct))
            {
                _wasFenced = false;
                return true;
            }

            question.IsFirst = false;
            question.AskedAt = time.GetTimestamp();
            await fence.ChallengeAsync(question.Text, ct);
        }

        return false;
    }

    private sealed class Question
    {
        public string Text { get; } = $"{Guid.NewGuid():n}";

        public bool IsFirst { get; set; } = true;

        public long AskedAt { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "Another process runs the orchestrations of {Database}; this one waits to take over")]
        public static partial void LockTaken(ILogger logger, Exception? exception, string database);

        [LoggerMessage(2, LogLevel.Warning,
            "The process that ran the orchestrations of {Database} has not answered for {Time}: this one takes over")]
        public static partial void TakenOver(ILogger logger, TimeSpan time, string database);
    }
}
