using System.Buffers;
using System.Text.Json;
using Backend.Http;
using Backend.Media;
using Backend.Orchestrations;
using Backend.Records;
using Backend.Sync.Push;
using Microsoft.Extensions.Options;

namespace Backend.Sync.Batches;

/// <summary>Applies one chunk of a batch, by the same code as any push, and writes down what became of its lines.</summary>
internal sealed class ApplySyncBatchChunk(
    SyncBatchRecords batches, IMediaStore files, PushMutations push, IOptions<SyncOptions> options, IOptions<HttpOptions> http,
    TimeProvider time) : IActivity<ApplySyncBatchInput, SyncBatchPosition>
{
    /// <summary>How often what others keep from being written is tried, with a pause that grows from the first one.</summary>
    private const int Attempts = 6;

    /// <summary>More records that wait than this are no accident.</summary>
    private const int MaxWaiting = 200;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    public static ActivityDefinition<ApplySyncBatchInput, SyncBatchPosition> Definition { get; } = new(
        nameof(ApplySyncBatchChunk), SyncBatchJsonContext.Default.ApplySyncBatchInput, SyncBatchJsonContext.Default.SyncBatchPosition);

    public async Task<SyncBatchPosition> RunAsync(ApplySyncBatchInput input, CancellationToken ct)
    {
        var id = RecordId.TryParse(input.Id, out var parsed) ? parsed : throw new InvalidDataException($"{input.Id} is no batch.");
        var start = input.Position ?? throw new InvalidDataException("A chunk begins somewhere.");
        if (await batches.FindAsync(input.User, id, ct) is not { Batch: { State: SyncBatchState.Running } batch })
        {
            return start with { IsEnd = true }; // given up by its user
        }

        var chunk = await ReadAsync(input, id, start, ct);
        var entries = chunk.Entries.ToList();
        await ApplyAsync(batch, input, start, entries, ct);
        var position = Follow(chunk.Position, entries);
        if (entries.Count > 0)
        {
            await WriteResultsAsync(BlobName.ForBatchResults(input.User, id, start.Chunk), entries, ct);
        }

        await batches.ChangeAsync(
            input.User, id, now => now.State is SyncBatchState.Running ? now with { Progress = position.Progress } : null, ct);
        return position;
    }

    private async Task<SyncBatchChunk> ReadAsync(ApplySyncBatchInput input, RecordId id, SyncBatchPosition start, CancellationToken ct)
    {
        var file = BlobName.ForBatch(input.User, id);
        if (await files.FindAsync(file, ct) is not { } blob || blob.ETag.Value != input.UploadETag)
        {
            throw new InvalidDataException("The file was removed or replaced while it was being applied.");
        }

        var limits = new SyncBatchLimits(
            options.Value.MaxMutations, http.Value.MaxBodyBytes, options.Value.MaxBatchLineBytes, http.Value.MaxJsonDepth);
        if (start.Offset >= blob.Length)
        {
            return await SyncBatchChunk.ReadAsync(new SyncBatchLines(Stream.Null, limits.LineBytes), start, limits, ct);
        }

        await using var content = await files.OpenReadAsync(file, new BlobRange(start.Offset, blob.Length - start.Offset), ct)
            ?? throw new IOException($"{file} was removed while it was being read");
        return await SyncBatchChunk.ReadAsync(new SyncBatchLines(content, limits.LineBytes, start.Offset), start, limits, ct);
    }

    /// <summary>Gives every entry its result.</summary>
    private async Task ApplyAsync(
        SyncBatch batch, ApplySyncBatchInput input, SyncBatchPosition start, List<SyncBatchEntry> entries, CancellationToken ct)
    {
        HoldBack(start, entries);
        var part = new PartOfBatch(input.Id, (start.FirstRetry ?? start.LastSeq + 1) - 1);
        for (var attempt = 1; entries.Exists(static entry => entry.Result is null); attempt++)
        {
            var open = entries.Where(static entry => entry.Result is null).Select(static entry => entry.Mutation!).ToList();
            var results = (await push.ExecuteAsync(batch.CallerOf(input.User), batch.Client, open, ct, part))
                .ToDictionary(static result => result.Seq);
            for (var i = 0; i < entries.Count; i++)
            {
                if (entries[i].Result is null
                    && results[entries[i].Seq] is var result && (result.Status is not MutationStatus.Retry || attempt == Attempts))
                {
                    entries[i] = entries[i] with { Result = result };
                }
            }

            if (attempt < Attempts && entries.Exists(static entry => entry.Result is null))
            {
                await Task.Delay(FirstPause * Math.Pow(2, attempt - 1), time, ct);
            }
        }

        if (entries.Count > 0 && entries.TrueForAll(static entry => entry.Result?.Status is MutationStatus.Retry))
        {
            throw new IOException("None of the mutations can be applied now; others write the same records, or another batch is at work.");
        }
    }

    /// <summary>Mutations of records of which an earlier one has to come again have to come again as well, and their groups.</summary>
    private static void HoldBack(SyncBatchPosition start, List<SyncBatchEntry> entries)
    {
        if (start.Waiting.Count == 0)
        {
            return;
        }

        var records = start.Waiting.ToHashSet(StringComparer.Ordinal);
        var groups = new HashSet<string>(StringComparer.Ordinal);
        int before;
        do
        {
            before = records.Count + groups.Count;
            foreach (var entry in entries.Where(entry => entry.Mutation is not null && entry.Result is null))
            {
                if (records.Contains(entry.Record) || (entry.Mutation?.Group is { } group && groups.Contains(group)))
                {
                    records.Add(entry.Record);
                    _ = entry.Mutation?.Group is { } name && groups.Add(name);
                }
            }
        }
        while (before != records.Count + groups.Count);

        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is { Mutation: not null, Result: null } entry && records.Contains(entry.Record))
            {
                entries[i] = entry with { Result = new MutationResult(entry.Seq, MutationStatus.Retry) };
            }
        }
    }

    /// <summary>What the chunks that follow have to know.</summary>
    private static SyncBatchPosition Follow(SyncBatchPosition position, List<SyncBatchEntry> entries)
    {
        var retries = entries.Where(static entry => entry.Result?.Status is MutationStatus.Retry).ToList();
        var waiting = position.Waiting.Concat(retries.Select(static entry => entry.Record)).Distinct(StringComparer.Ordinal).ToList();
        return waiting.Count > MaxWaiting
            ? throw new InvalidDataException($"More than {MaxWaiting} records cannot be written now.")
            : position with
            {
                Chunk = position.Chunk + 1,
                FirstRetry = position.FirstRetry ?? (retries.Count > 0 ? retries[0].Seq : null),
                Waiting = waiting,
                Progress = entries.Aggregate(
                    position.Progress, static (progress, entry) => progress.Add(entry.Result?.Status ?? MutationStatus.Retry)),
            };
    }

    private async Task WriteResultsAsync(BlobName name, IEnumerable<SyncBatchEntry> entries, CancellationToken ct)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            foreach (var entry in entries)
            {
                SyncResult.WriteResult(json, entry.Result!, entry.Line); // not null: ApplyAsync gave each its result
                json.Flush();
                json.Reset();
                buffer.Write("\n"u8);
            }
        }

        await using var content = new MemoryStream(buffer.WrittenMemory.ToArray());
        await files.WriteAsync(name, content, CreateSyncBatch.ContentType, ct);
    }
}
