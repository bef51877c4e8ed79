using Backend.Model;
using Backend.Records;
using Backend.Rules;
using Backend.Security;
using Microsoft.Extensions.Logging;

namespace Backend.Hooks;

/// <summary>Runs the hooks of a collection around a write.</summary>
internal sealed partial class RecordHooks
{
    private readonly ILookup<string, IRecordHook> _hooks;
    private readonly IRecordStore _store;
    private readonly ILogger<RecordHooks> _logger;

    public RecordHooks(IEnumerable<IRecordHook> hooks, IRecordStore store, ILogger<RecordHooks> logger)
    {
        _hooks = hooks.ToLookup(hook => hook.Collection, StringComparer.Ordinal);
        _store = store;
        _logger = logger;
    }

    /// <summary>Every hook must belong to a collection; one that never runs is a mistake that nobody would notice.</summary>
    /// <exception cref="ModelException">A hook names a collection that the model does not have.</exception>
    public static void Check(IEnumerable<IRecordHook> hooks, AppModel model)
    {
        var errors = hooks.Where(hook => !model.Collections.ContainsKey(hook.Collection))
            .Select(hook => new ModelError(
                "", hook.GetType().Name, $"is a hook of the collection '{hook.Collection}', which the model does not have"))
            .ToList();
        if (errors.Count > 0)
        {
            throw new ModelException(errors);
        }
    }

    /// <summary>The record as the hooks leave it, or why it may not be written.</summary>
    public async ValueTask<HookOutcome> BeforeAsync(
        Caller caller, RecordOperation operation, CollectionModel collection, StoredRecord? before, StoredRecord after,
        CancellationToken ct)
    {
        if (!_hooks.Contains(collection.Name))
        {
            return new HookOutcome.Passed(after, null);
        }

        var write = new RecordWrite(_store, caller, operation, before, after);
        foreach (var hook in _hooks[collection.Name])
        {
            if (await hook.BeforeWriteAsync(write, ct) is { } rejection)
            {
                return new HookOutcome.Rejected(rejection);
            }
        }

        if (write.Changes.Count == 0)
        {
            return new HookOutcome.Passed(after, write);
        }

        var errors = RecordInput.Amend(collection, after.Fields, write.Changes, out var fields);
        return errors.Count == 0
            ? new HookOutcome.Passed(after with { Fields = fields }, write)
            : throw new InvalidOperationException(
                $"A hook of {collection.Name} set what the model does not allow: {string.Join("; ", errors)}");
    }

    public async Task AfterAsync(RecordWrite? write, StoredRecord written, CancellationToken ct)
    {
        if (write is null)
        {
            return;
        }

        foreach (var hook in _hooks[written.Key.Collection])
        {
            try
            {
                await hook.AfterWriteAsync(write, written, ct);
            }
            catch (Exception exception)
            {
                LogFailed(exception, hook.GetType().Name, written.Key.Collection);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "{Hook} failed after a write of {Collection}; the write stands")]
    private partial void LogFailed(Exception exception, string hook, string collection);
}

internal abstract record HookOutcome
{
    private HookOutcome()
    {
    }

    /// <param name="Record">What to write.</param>
    /// <param name="Write">For the hooks that run after it; null when there are none.</param>
    public sealed record Passed(StoredRecord Record, RecordWrite? Write) : HookOutcome;

    public sealed record Rejected(HookRejection Rejection) : HookOutcome;
}
