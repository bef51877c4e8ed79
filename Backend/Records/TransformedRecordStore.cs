namespace Backend.Records;

/// <summary>
/// A store whose records look different from above than from below. What a collection does not need costs it a look-up;
/// a page where no record needs it is passed on as it is.
/// </summary>
internal abstract class TransformedRecordStore(IRecordStore inner) : IRecordStore
{
    /// <summary>Whether records of any collection of a model are transformed.</summary>
    protected abstract bool TransformsAny { get; }

    public Task<StoredRecord?> FindAsync(RecordKey key, CancellationToken ct)
    {
        return IsTransformed(key.Collection) ? FindAsync() : inner.FindAsync(key, ct);

        async Task<StoredRecord?> FindAsync() => await inner.FindAsync(key, ct) is { } record ? await ReadAsync(record, ct) : null;
    }

    public Task<WriteOutcome> CreateAsync(StoredRecord record, CancellationToken ct)
    {
        return IsTransformed(record.Key.Collection) ? CreateAsync() : inner.CreateAsync(record, ct);

        async Task<WriteOutcome> CreateAsync() =>
            await FinishAsync(record, await inner.CreateAsync(await WriteAsync(record, ct), ct), ct);
    }

    public Task<WriteOutcome> ReplaceAsync(StoredRecord record, ETag expected, CancellationToken ct)
    {
        return IsTransformed(record.Key.Collection) ? ReplaceAsync() : inner.ReplaceAsync(record, expected, ct);

        async Task<WriteOutcome> ReplaceAsync() =>
            await FinishAsync(record, await inner.ReplaceAsync(await WriteAsync(record, ct), expected, ct), ct);
    }

    public Task<ApplyOutcome> ApplyAsync(Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        return changes.Any(change => IsTransformed(change.Record.Key.Collection))
            ? ApplyAsync()
            : inner.ApplyAsync(scope, changes, ct);

        async Task<ApplyOutcome> ApplyAsync()
        {
            return await inner.ApplyAsync(scope, await TransformAsync(changes, ct), ct) switch
            {
                ApplyOutcome.Written done => new ApplyOutcome.Written(
                    [.. done.Records.Select((record, i) => AsWritten(changes[i].Record, record))]),
                ApplyOutcome.Conflict { Current: { } current } conflict when IsTransformed(current.Key.Collection) =>
                    conflict with { Current = await ReadAsync(current, ct) },
                var outcome => outcome,
            };
        }
    }

    public Task<IReadOnlyList<WriteOutcome>> WriteAllAsync(
        Scope scope, IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        return changes.Any(change => IsTransformed(change.Record.Key.Collection))
            ? WriteAllAsync()
            : inner.WriteAllAsync(scope, changes, ct);

        async Task<IReadOnlyList<WriteOutcome>> WriteAllAsync()
        {
            var outcomes = await inner.WriteAllAsync(scope, await TransformAsync(changes, ct), ct);
            var finished = new WriteOutcome[outcomes.Count];
            for (var i = 0; i < finished.Length; i++)
            {
                var sent = changes[i].Record;
                finished[i] = IsTransformed(sent.Key.Collection) ? await FinishAsync(sent, outcomes[i], ct) : outcomes[i];
            }

            return finished;
        }
    }

    public Task<RecordPage> QueryAsync(RecordQuery query, CancellationToken ct)
    {
        return IsTransformed(query.Collection) ? QueryAsync() : inner.QueryAsync(query, ct);

        async Task<RecordPage> QueryAsync()
        {
            var page = await inner.QueryAsync(query, ct);
            return page with { Records = await ReadAllAsync(page.Records, ct) };
        }
    }

    public Task<long> CountAsync(RecordQuery query, CancellationToken ct) => inner.CountAsync(query, ct);

    public Task<IReadOnlyList<StoredRecord>> FindManyAsync(
        Scope scope, string collection, IReadOnlyCollection<RecordId> ids, CancellationToken ct)
    {
        return IsTransformed(collection) ? FindManyAsync() : inner.FindManyAsync(scope, collection, ids, ct);

        async Task<IReadOnlyList<StoredRecord>> FindManyAsync() =>
            await ReadAllAsync(await inner.FindManyAsync(scope, collection, ids, ct), ct);
    }

    public Task<ChangePage> ReadChangesAsync(Scope scope, string? after, PageLimit limit, CancellationToken ct)
    {
        return scope.Kind is not ScopeKind.System && TransformsAny ? ReadAsync() : inner.ReadChangesAsync(scope, after, limit, ct);

        async Task<ChangePage> ReadAsync()
        {
            var page = await inner.ReadChangesAsync(scope, after, limit, ct);
            return page with { Records = await ReadAllAsync(page.Records, ct) };
        }
    }

    public Task<int> PurgeExpiredAsync(int limit, CancellationToken ct) => inner.PurgeExpiredAsync(limit, ct);

    public Task<int> DeleteAllAsync(Scope scope, int limit, CancellationToken ct) => inner.DeleteAllAsync(scope, limit, ct);

    public Task CheckAsync(CancellationToken ct) => inner.CheckAsync(ct);

    /// <summary>Whether a collection of the model needs it.</summary>
    protected abstract bool Transforms(string collection);

    /// <summary>A stored record, as it looks from above.</summary>
    protected abstract ValueTask<StoredRecord> ReadAsync(StoredRecord record, CancellationToken ct);

    /// <summary>A record as the store is to hold it.</summary>
    protected abstract ValueTask<StoredRecord> WriteAsync(StoredRecord record, CancellationToken ct);

    /// <summary>The product's own collections are in no model, and the model's history is read before it is known.</summary>
    private bool IsTransformed(string collection) => collection[0] != IRecordStore.InternalPrefix && Transforms(collection);

    private async Task<IReadOnlyList<RecordChange>> TransformAsync(IReadOnlyList<RecordChange> changes, CancellationToken ct)
    {
        var written = new RecordChange[changes.Count];
        for (var i = 0; i < written.Length; i++)
        {
            var record = changes[i].Record;
            written[i] = IsTransformed(record.Key.Collection) ? changes[i] with { Record = await WriteAsync(record, ct) } : changes[i];
        }

        return written;
    }

    private async Task<IReadOnlyList<StoredRecord>> ReadAllAsync(IReadOnlyList<StoredRecord> records, CancellationToken ct)
    {
        var read = new StoredRecord[records.Count];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = IsTransformed(records[i].Key.Collection) ? await ReadAsync(records[i], ct) : records[i];
        }

        return read;
    }

    private async Task<WriteOutcome> FinishAsync(StoredRecord sent, WriteOutcome outcome, CancellationToken ct) => outcome switch
    {
        WriteOutcome.Written written => new WriteOutcome.Written(AsWritten(sent, written.Record)),
        WriteOutcome.Conflict { Current: { } current } => new WriteOutcome.Conflict(await ReadAsync(current, ct)),
        _ => outcome,
    };

    /// <summary>What was sent, with what the store added to it.</summary>
    private static StoredRecord AsWritten(StoredRecord sent, StoredRecord written) =>
        written with { Fields = sent.Fields, Retained = sent.Retained, MergeState = sent.MergeState };
}
