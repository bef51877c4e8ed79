using System.Text.Json;
using System.Text.Unicode;
using Backend.Http;
using Backend.Records;
using Backend.Sync.Push;

namespace Backend.Sync.Batches;

/// <summary>
/// Some lines of a batch that are applied together: as many as a push may have, and those that complete the last one's
/// group.
/// </summary>
internal sealed class SyncBatchChunk
{
    /// <summary>A group has fewer mutations; a larger one is refused, all of it.</summary>
    private const int MaxGroup = 1_000;

    private readonly List<SyncBatchEntry> _entries = [];

    /// <summary>Where nothing else is said, a refused group has come to its end.</summary>
    private SyncBatchChunk(SyncBatchPosition position) => Position = position with { RefusedGroup = null };

    /// <summary>Lines with something on them, in their order.</summary>
    public IReadOnlyList<SyncBatchEntry> Entries => _entries;

    /// <summary>Where the next chunk begins.</summary>
    public SyncBatchPosition Position { get; private set; }

    /// <param name="lines">The file from the position on.</param>
    /// <param name="start">The position.</param>
    /// <param name="limits">How much fits.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<SyncBatchChunk> ReadAsync(
        SyncBatchLines lines, SyncBatchPosition start, SyncBatchLimits limits, CancellationToken ct)
    {
        var chunk = new SyncBatchChunk(start);
        var bytes = 0L;
        string? group = null;
        while (true)
        {
            if (await lines.ReadAsync(ct) is not { } line)
            {
                chunk.Position = chunk.Position with { IsEnd = true };
                break;
            }

            var entry = line.IsBlank ? null : chunk.Parse(line, limits);
            var isFull = chunk._entries.Count >= limits.Mutations || bytes >= limits.Bytes;
            var continues = group is not null && (entry is null || entry.Mutation is null || entry.Mutation.Group == group);
            if (isFull && !continues)
            {
                break;
            }

            if (isFull && chunk._entries.Count >= limits.Mutations + MaxGroup)
            {
                chunk.Position = chunk.Position with { RefusedGroup = group };
                break;
            }

            chunk.Position = chunk.Position with
            {
                Offset = line.End,
                Line = chunk.Position.Line + 1,
                LastSeq = entry is { Mutation: not null } ? entry.Seq : chunk.Position.LastSeq,
            };
            if (entry is not null)
            {
                chunk._entries.Add(entry);
                bytes += line.End - line.Start;
                group = entry.Mutation is { } mutation ? mutation.Group : group;
            }
        }

        chunk.RefuseBrokenGroups(start.RefusedGroup);
        return chunk;
    }

    private SyncBatchEntry Parse(SyncBatchLine line, SyncBatchLimits limits)
    {
        var number = Position.Line + 1;
        if (line.Text is not { } text)
        {
            return Refuse(0, new FieldError("$", "line_too_long", $"A line has at most {limits.LineBytes} bytes."));
        }

        if (TryParse(text.Span, limits.JsonDepth, out var json) is { } error)
        {
            return Refuse(0, error);
        }

        var errors = new List<FieldError>();
        var mutation = SyncJson.Read(json, number, errors);
        if (errors.Count > 0)
        {
            return Refuse(0, new FieldError("$.seq", "required", "Every mutation has its number."));
        }

        return mutation.Seq < 1 || mutation.Seq <= Position.LastSeq
            ? Refuse(mutation.Seq, new FieldError(
                "$.seq", "not_ascending", "A client numbers its mutations from 1 upwards, and a batch has them in that order."))
            : new SyncBatchEntry(number, mutation.Seq, mutation);

        SyncBatchEntry Refuse(long seq, FieldError problem) =>
            new(number, Math.Max(seq, 0), null) { Result = MutationResult.Rejected(Math.Max(seq, 0), Problems.Invalid([problem])) };
    }

    /// <summary>What is wrong with the text; null when that is nothing.</summary>
    private static FieldError? TryParse(ReadOnlySpan<byte> text, int maxDepth, out JsonElement json)
    {
        json = default;
        // As bodies of requests are read: what the parser lets pass, and what names the place of an error.
        if ((!Utf8.IsValid(text) || text.IndexOf("\\ud"u8) >= 0 || text.IndexOf("\\uD"u8) >= 0)
            && JsonSyntax.FindError(text, maxDepth) is { } error)
        {
            return error;
        }

        try
        {
            json = JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
            return null;
        }
        catch (JsonException exception)
        {
            return JsonSyntax.FindError(text, maxDepth) ?? JsonBody.ErrorOf(exception);
        }
    }

    /// <summary>A group with something else between its mutations, or too many of them, is refused whole.</summary>
    private void RefuseBrokenGroups(string? refusedBefore)
    {
        var broken = new HashSet<string>(StringComparer.Ordinal);
        var ended = new HashSet<string>(StringComparer.Ordinal);
        string? current = null;
        foreach (var entry in _entries)
        {
            if (entry.Mutation?.Group is { } group && ended.Contains(group))
            {
                broken.Add(group);
            }

            if (current is not null && entry.Mutation?.Group != current)
            {
                ended.Add(current);
            }

            current = entry.Mutation?.Group;
        }

        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i] is { Mutation.Group: { } group } entry)
            {
                var problem = group == Position.RefusedGroup || group == refusedBefore
                    ? Problems.GroupTooLarge(IRecordStore.MaxChanges, "records")
                    : broken.Contains(group)
                        ? Problems.Invalid("$.group", "not_adjacent", "The mutations of a group follow one another.")
                        : null;
                _entries[i] = problem is null ? entry : entry with { Result = MutationResult.Rejected(entry.Seq, problem) };
            }
        }
    }
}

/// <param name="Line">The number of the line in the file, from 1.</param>
/// <param name="Seq">The mutation's number; 0 when it has none.</param>
/// <param name="Mutation">What is to be applied; null when it cannot be read.</param>
internal sealed record SyncBatchEntry(int Line, long Seq, PushedMutation? Mutation)
{
    /// <summary>What has become of it; null as long as that is open.</summary>
    public MutationResult? Result { get; init; }

    /// <summary>The record that it means, as it states it.</summary>
    public string Record => $"{Mutation?.Scope}\n{Mutation?.Collection}\n{Mutation?.Id}";
}

/// <param name="Mutations">Mutations of a chunk.</param>
/// <param name="Bytes">Bytes of its lines after which it takes no further one.</param>
/// <param name="LineBytes">Bytes of a line.</param>
/// <param name="JsonDepth">How deep a line's JSON may be nested.</param>
internal sealed record SyncBatchLimits(int Mutations, long Bytes, int LineBytes, int JsonDepth);
