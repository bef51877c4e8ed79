using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Microsoft.Extensions.Logging;

namespace Backend.Spaces;

/// <summary>
/// Which spaces a user is in, as records in the user's own scope: for lists, and for clients that sync. They follow
/// from the spaces' records, which alone decide. There may be one too many after a crash, never one too few: it is
/// written before the space says so and looked at once more afterwards, and taken away after the space has changed.
/// </summary>
internal sealed partial class Memberships(
    IRecordStore store, SpaceRecords spaces, Retention retention, TimeProvider time, ILogger<Memberships> logger)
{
    private const int PageSize = 200;

    /// <summary>Users of a space who are written to at once.</summary>
    private const int MaxParallel = 16;

    /// <summary>For what has to be done after a change that stands, whether or not the client still waits.</summary>
    private static readonly TimeSpan CleanUpTimeout = TimeSpan.FromSeconds(15);

    /// <summary>The spaces that the user may be in, the oldest first.</summary>
    public async Task<IReadOnlyList<RecordId>> ListAsync(string user, CancellationToken ct)
    {
        var found = new List<RecordId>();
        RecordPage? page = null;
        do
        {
            page = await store.QueryAsync(
                new RecordQuery
                {
                    Scope = Scope.ForUser(user),
                    Collection = AppModel.MembershipsCollection,
                    Read = Rule.Always,
                    Context = new RuleContext { UserId = user, Now = time.GetUtcNow() },
                    After = page?.Last,
                    Limit = PageSize,
                },
                ct);
            found.AddRange(page.Records.Select(record => record.Key.Id));
        }
        while (page.HasMore);

        return found;
    }

    /// <summary>Makes sure that there is one.</summary>
    public async Task EnsureAsync(string user, RecordId space, CancellationToken ct)
    {
        var key = KeyOf(user, space);
        var found = await store.FindAsync(key, ct);
        while (found is not { Deleted: false })
        {
            var now = time.GetUtcNow();
            var record = new StoredRecord
            {
                Key = key,
                Owner = user,
                CreatedAt = now,
                UpdatedAt = now,
                Fields = SpaceJson.ToFields(new MembershipDetails(space.Value), SpaceJsonContext.Default.MembershipDetails),
            };
            var outcome = found is null
                ? await store.CreateAsync(record, ct)
                : await store.ReplaceAsync(record, found.ETag, ct);
            found = outcome switch
            {
                WriteOutcome.Written written => written.Record,
                WriteOutcome.Conflict conflict => conflict.Current,
                _ => throw new InvalidOperationException(),
            };
        }
    }

    /// <summary>
    /// Takes it away, unless the user is in the space. Somebody who joins at the same moment writes the space first and
    /// looks here afterwards; this writes here first and looks at the space afterwards: one of them sees the other.
    /// </summary>
    public async Task DropAsync(string user, RecordId space, CancellationToken ct)
    {
        if (await store.FindAsync(KeyOf(user, space), ct) is not { Deleted: false } found
            || await spaces.IsMemberAsync(space, user, ct))
        {
            return;
        }

        var tombstone = retention.TombstoneOf(found, time.GetUtcNow());
        if (await store.ReplaceAsync(tombstone, found.ETag, ct) is WriteOutcome.Written
            && await spaces.IsMemberAsync(space, user, ct))
        {
            await EnsureAsync(user, space, ct);
        }
    }

    public Task EnsureAllAsync(IEnumerable<string> users, RecordId space, CancellationToken ct) =>
        ForEachAsync(users, (user, token) => EnsureAsync(user, space, token), ct);

    /// <summary>
    /// After a change that stands. A failure leaves a membership too many, which the user's next list takes away, so it
    /// is logged and not answered.
    /// </summary>
    public async Task CleanUpAsync(IEnumerable<string> users, RecordId space)
    {
        using var timeout = new CancellationTokenSource(CleanUpTimeout, time);
        try
        {
            await ForEachAsync(users, (user, token) => DropAsync(user, space, token), timeout.Token);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            LogLeftOver(exception, space.Value);
        }
    }

    public Task DropAllAsync(IEnumerable<string> users, RecordId space, CancellationToken ct) =>
        ForEachAsync(users, (user, token) => DropAsync(user, space, token), ct);

    private static Task ForEachAsync(IEnumerable<string> users, Func<string, CancellationToken, Task> action, CancellationToken ct) =>
        Parallel.ForEachAsync(
            users,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = ct },
            async (user, token) => await action(user, token));

    private static RecordKey KeyOf(string user, RecordId space) =>
        new(Scope.ForUser(user), AppModel.MembershipsCollection, space);

    [LoggerMessage(LogLevel.Warning, "Memberships of space {Space} were left over")]
    private partial void LogLeftOver(Exception exception, string space);
}

/// <summary>The fields of a membership.</summary>
/// <param name="Space">The space's id, which is also the record's.</param>
internal sealed record MembershipDetails(string Space);
