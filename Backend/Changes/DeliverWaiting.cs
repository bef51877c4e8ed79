using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.Logging;

namespace Backend.Changes;

/// <summary>Delivers some of the changes that wait, until one fails or enough time has gone by.</summary>
internal sealed partial class DeliverWaiting(
    IEnumerable<IRecordChangeHandler> handlers,
    WaitingChanges waiting,
    DeliverChange deliver,
    IRecordStore records,
    TimeProvider time,
    ILogger<DeliverWaiting> logger) : IActivity<WaitingChangesInput, WaitingChangesResult>
{
    private const int PageSize = 100;

    public static ActivityDefinition<WaitingChangesInput, WaitingChangesResult> Definition { get; } = new(
        nameof(DeliverWaiting), WaitingChangesJsonContext.Default.WaitingChangesInput,
        WaitingChangesJsonContext.Default.WaitingChangesResult);

    public async Task<WaitingChangesResult> RunAsync(WaitingChangesInput input, CancellationToken ct)
    {
        if (!Scope.TryParseStored(input.Scope, out var scope)
            || await waiting.FindAsync(scope, input.Handler, ct) is not { } list || list.Generation != input.Generation)
        {
            return new WaitingChangesResult(0, IsDone: true, null); // delivered by an earlier attempt, or the scope is gone
        }

        if (handlers.FirstOrDefault(handler => handler.Name == input.Handler) is not { } handler)
        {
            LogNoHandler(input.Handler, input.Scope);
            return new WaitingChangesResult(0, await waiting.TryEndAsync(list, ct), null);
        }

        if (list.Entries.Count == 0)
        {
            return await FillOrEndAsync(list, ct);
        }

        if (input.Skips)
        {
            LogSkipped(list.Entries[0].Collection, list.Entries[0].Id, input.Scope, input.Handler);
            await waiting.RemoveAsync(list, new HashSet<long> { list.Entries[0].Number }, CancellationToken.None);
            return new WaitingChangesResult(0, IsDone: false, null);
        }

        var (delivered, error) = await DeliverAsync(handler, list, input.HandlerTimeoutSeconds, ct);
        // What was delivered is not delivered again, also when this is told to stop.
        await waiting.RemoveAsync(list, delivered, CancellationToken.None);
        return new WaitingChangesResult(delivered.Count, IsDone: false, error);
    }

    private async Task<WaitingChangesResult> FillOrEndAsync(WaitingList list, CancellationToken ct)
    {
        if (list.ReadsAll)
        {
            var page = await records.ReadChangesAsync(list.Stored.Key.Scope, list.Position, PageSize, ct);
            if (page.Records.Count > 0 || page.HasMore)
            {
                var filled = list.Fill([.. page.Records.Select(record => record.Key)], page.Position);
                await waiting.ReplaceAsync(filled, ct); // if somebody was faster, the next attempt reads the page again
                return new WaitingChangesResult(0, IsDone: false, null);
            }
        }

        return new WaitingChangesResult(0, await waiting.TryEndAsync(list, ct), null);
    }

    private async Task<(IReadOnlySet<long> Delivered, string? Error)> DeliverAsync(
        IRecordChangeHandler handler, WaitingList list, int seconds, CancellationToken ct)
    {
        var delivered = new HashSet<long>();
        var start = time.GetTimestamp();
        foreach (var entry in list.Entries)
        {
            if (time.GetElapsedTime(start).TotalSeconds >= seconds || ct.IsCancellationRequested)
            {
                break;
            }

            var key = RecordId.TryParse(entry.Id, out var id)
                ? new RecordKey(list.Stored.Key.Scope, entry.Collection, id)
                : throw new InvalidDataException($"{entry.Id} is no id of a record.");
            try
            {
                await deliver.ExecuteAsync(handler, key, version: null, ct);
            }
            catch (Exception exception)
            {
                LogFailed(exception, key, handler.Name);
                return (delivered, $"{key.Collection}/{key.Id}: {exception.GetType().Name}: {exception.Message}");
            }

            delivered.Add(entry.Number);
        }

        return (delivered, null);
    }

    [LoggerMessage(LogLevel.Warning, "The change of {Record} could not be delivered to {Handler} again")]
    private partial void LogFailed(Exception exception, RecordKey record, string handler);

    [LoggerMessage(LogLevel.Warning, "The change of {Collection}/{Id} in {Scope} is not delivered to {Handler}: an admin skipped it")]
    private partial void LogSkipped(string collection, string id, string scope, string handler);

    [LoggerMessage(LogLevel.Warning, "Changes of {Scope} wait for {Handler}, which does not exist any more; they are dropped")]
    private partial void LogNoHandler(string handler, string scope);
}
