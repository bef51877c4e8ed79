using Backend.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Model.History;

/// <summary>
/// Compares the model with what the store knows of it, before anything listens: a model that does not fit the stored
/// values stops the start. Instances that start at the same time agree by a conditional write.
/// </summary>
internal sealed partial class EstablishModel(
    IRecordStore store, AppModel model, ModelHistory history, IOptions<ModelChangeOptions> options, TimeProvider time,
    ILogger<EstablishModel> logger)
{
    /// <summary>No API reaches a collection of this name, nor its scope.</summary>
    public const string Collection = "$model";

    private const string Owner = "system";

    /// <summary>How long a store may be away when the host starts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static RecordKey Key { get; } = new(
        Scope.ForSystem("model"), Collection, RecordId.TryParse("current", out var id) ? id : throw new InvalidOperationException());

    /// <summary>As <see cref="ExecuteAsync"/>, again and again while the store is away.</summary>
    public async Task ExecuteWhenReadyAsync(CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync(ct);
                return;
            }
            catch (StoreUnavailableException exception) when (time.GetElapsedTime(start) < Patience)
            {
                LogWaiting(exception);
                await Task.Delay(Pause, time, ct);
            }
        }
    }

    /// <exception cref="ModelException">The model does not fit what is stored.</exception>
    public async Task ExecuteAsync(CancellationToken ct)
    {
        var hash = ModelView.HashOf(model);
        var accepted = options.Value.Accept.ToHashSet(StringComparer.Ordinal);
        var record = await store.FindAsync(Key, ct);
        while (true)
        {
            var before = record is null ? null : StoredShape.Parse(record.Fields.Utf8.Span);
            var after = ShapeChange.Apply(before, model, hash, accepted);
            var utf8 = after.ToUtf8();
            if (before is not null && utf8.AsSpan().SequenceEqual(before.ToUtf8()))
            {
                history.Establish(after, model);
                return;
            }

            var outcome = await WriteAsync(record, new RecordFields(utf8), ct);
            if (outcome is WriteOutcome.Written)
            {
                LogChanged(before?.Version ?? 0, after.Version);
                history.Establish(after, model);
                return;
            }

            record = ((WriteOutcome.Conflict)outcome).Current; // another instance was faster
        }
    }

    private Task<WriteOutcome> WriteAsync(StoredRecord? current, RecordFields fields, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return current is null
            ? store.CreateAsync(new StoredRecord { Key = Key, Owner = Owner, CreatedAt = now, UpdatedAt = now, Fields = fields }, ct)
            : store.ReplaceAsync(current with { UpdatedAt = now, Fields = fields }, current.ETag, ct);
    }

    [LoggerMessage(LogLevel.Information, "The model was of version {Before} and is of version {After}")]
    private partial void LogChanged(int before, int after);

    [LoggerMessage(LogLevel.Warning, "The record store does not answer; the start waits for it")]
    private partial void LogWaiting(Exception exception);
}
