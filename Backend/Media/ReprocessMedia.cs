using System.Text.Json.Serialization;
using Backend.Orchestrations;
using Backend.Records;

namespace Backend.Media;

/// <summary>
/// Makes everything anew of what was uploaded, after presets have changed or an engine has become better: a page of uploads at
/// a time, each by <see cref="ProcessImage"/>. What is ready stays ready while it is made anew, and when it cannot be.
/// </summary>
public sealed class ReprocessMedia : IOrchestration<ReprocessMediaInput, ReprocessProgress>
{
    /// <summary>New uploads shall not wait for the old ones.</summary>
    private const int MaxParallel = 4;

    public static OrchestrationDefinition<ReprocessMediaInput, ReprocessProgress> Definition { get; } = new(
        nameof(ReprocessMedia), ReprocessJsonContext.Default.ReprocessMediaInput, ReprocessJsonContext.Default.ReprocessProgress);

    public static string InstanceIdOf(string run) => $"reprocess-media-{run}";

    public async Task<ReprocessProgress> RunAsync(OrchestrationContext context, ReprocessMediaInput input)
    {
        var progress = input.Progress ?? new ReprocessProgress(
            await context.CallActivityAsync(CountUploads.Definition, input, DeleteMedia.Retry), 0, 0, 0);
        context.SetCustomStatus(progress, ReprocessJsonContext.Default.ReprocessProgress);
        var page = await context.CallActivityAsync(ListUploads.Definition, input, DeleteMedia.Retry);
        var results = await context.ForEachAsync(page.Uploads, MaxParallel, upload => ProcessAsync(context, upload));
        var ready = results.Count(static isReady => isReady);
        progress = progress with
        {
            Ready = progress.Ready + ready,
            Failed = progress.Failed + results.Count - ready,
            Skipped = progress.Skipped + page.Skipped,
        };
        context.SetCustomStatus(progress, ReprocessJsonContext.Default.ReprocessProgress);
        if (page.Next is { } next)
        {
            // The history of a catalogue of millions would end at the engine's limit.
            context.ContinueAsNew(input with { After = next, Progress = progress }, ReprocessJsonContext.Default.ReprocessMediaInput);
        }

        return progress;
    }

    private static async Task<bool> ProcessAsync(OrchestrationContext context, ProcessImageInput upload)
    {
        try
        {
            var output = await context.CallSubOrchestrationAsync(
                ProcessImage.Definition, upload, ReceiveUpload.InstanceIdOf(upload));
            return output.Result == "ready";
        }
        catch (SubOrchestrationFailedException)
        {
            return false; // its own record says why; one of them does not hold up the others
        }
    }
}

/// <param name="Scope">Only media of this scope; null for all there are.</param>
/// <param name="Run">Tells this reprocessing from others, in the ids of what it starts.</param>
/// <param name="After">Where the last page ended; null for the beginning.</param>
/// <param name="Progress">How far it is; null before the first page.</param>
public sealed record ReprocessMediaInput(string? Scope, string Run, string? After = null, ReprocessProgress? Progress = null);

/// <param name="Total">Uploads that there were at the start.</param>
/// <param name="Ready">Made anew.</param>
/// <param name="Failed">Could not be made; what was ready before is still there, unless the image itself is refused now.</param>
/// <param name="Skipped">Nothing to do: deleted, replaced, or being processed.</param>
public sealed record ReprocessProgress(long Total, long Ready, long Failed, long Skipped);

/// <summary>Counts the uploads, so that progress means something.</summary>
internal sealed class CountUploads(IMediaStore store) : IActivity<ReprocessMediaInput, long>
{
    private const int PageSize = 1_000;

    public static ActivityDefinition<ReprocessMediaInput, long> Definition { get; } = new(
        nameof(CountUploads), ReprocessJsonContext.Default.ReprocessMediaInput, ReprocessJsonContext.Default.Int64);

    public async Task<long> RunAsync(ReprocessMediaInput input, CancellationToken ct)
    {
        var total = 0L;
        BlobPage? page = null;
        do
        {
            page = await store.ListAsync(ListUploads.PrefixOf(input), page?.Next, PageSize, ct);
            total += page.Names.Count;
        }
        while (page.Next is not null);

        return total;
    }
}

/// <summary>The next uploads, and what each has to be processed with.</summary>
internal sealed class ListUploads(IMediaStore store, MediaRecords records) : IActivity<ReprocessMediaInput, UploadsPage>
{
    /// <summary>Their inputs are one payload: 64 KiB by default.</summary>
    private const int PageSize = 50;

    public static ActivityDefinition<ReprocessMediaInput, UploadsPage> Definition { get; } = new(
        nameof(ListUploads), ReprocessJsonContext.Default.ReprocessMediaInput, ReprocessJsonContext.Default.UploadsPage);

    public static BlobPrefix PrefixOf(ReprocessMediaInput input) => input.Scope is null
        ? BlobName.AllUploads
        : Scope.TryParse(input.Scope, out var scope)
            ? BlobName.UploadsOf(scope)
            : throw new InvalidDataException($"There can be no scope {input.Scope}");

    public async Task<UploadsPage> RunAsync(ReprocessMediaInput input, CancellationToken ct)
    {
        var page = await store.ListAsync(PrefixOf(input), input.After, PageSize, ct);
        var uploads = new List<ProcessImageInput>();
        foreach (var name in page.Names)
        {
            if (BlobName.TryParseUpload(name.Path, out var scope, out var id)
                && await records.FindAsync(scope, id, ct) is { Deleted: false } record
                && MediaDetails.Read(record).ToReprocess(scope, id, input.Run) is { } upload)
            {
                uploads.Add(upload);
            }
        }

        return new UploadsPage(uploads, page.Names.Count - uploads.Count, page.Next);
    }
}

internal sealed record UploadsPage(IReadOnlyList<ProcessImageInput> Uploads, int Skipped, string? Next);

[JsonSerializable(typeof(ReprocessMediaInput))]
[JsonSerializable(typeof(ReprocessProgress))]
[JsonSerializable(typeof(UploadsPage))]
[JsonSerializable(typeof(long))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ReprocessJsonContext : JsonSerializerContext;
