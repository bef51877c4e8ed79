using Backend.Security;

namespace Backend.Sync.Push;

/// <summary>Has the requests of one client wait for each other within this process.</summary>
internal sealed class ClientTurns
{
    /// <summary>Clients share a turn by chance, which costs one of them a wait.</summary>
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1))];

    public async Task<IDisposable> TakeAsync(Caller caller, string client, CancellationToken ct)
    {
        var turn = _turns[(uint)HashCode.Combine(caller.Id, client) % _turns.Length];
        await turn.WaitAsync(ct);
        return new Turn(turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
