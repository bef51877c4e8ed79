using System.Text.Json.Serialization;
using Backend.Orchestrations;

namespace Backend.Spaces;

/// <summary>Removes the records of a deleted space for good, once it can no longer be restored.</summary>
public sealed class PurgeSpace : IOrchestration<PurgeSpaceInput, PurgeSpaceOutput>
{
    /// <summary>Nobody waits for it, and nobody would start it again: a store that is away for hours only delays it.</summary>
    private static readonly RetryPolicy Retry = new(100, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromMinutes(5));

    public static OrchestrationDefinition<PurgeSpaceInput, PurgeSpaceOutput> Definition { get; } = new(
        nameof(PurgeSpace), PurgeJsonContext.Default.PurgeSpaceInput, PurgeJsonContext.Default.PurgeSpaceOutput);

    public static string InstanceIdOf(string space, string deletion) => $"purge-{space}-{deletion}";

    public async Task<PurgeSpaceOutput> RunAsync(OrchestrationContext context, PurgeSpaceInput input)
    {
        await context.CreateTimer(input.PurgeAt);
        if (!await context.CallActivityAsync(ClaimSpacePurge.Definition, input, Retry))
        {
            return new PurgeSpaceOutput("restored", 0);
        }

        var records = 0L;
        int removed;
        do
        {
            removed = await context.CallActivityAsync(DeleteSpaceRecords.Definition, input, Retry);
            records += removed;
            context.SetCustomStatus(new PurgeSpaceOutput("purging", records), PurgeJsonContext.Default.PurgeSpaceOutput);
        }
        while (removed > 0);

        return new PurgeSpaceOutput("purged", records);
    }
}

/// <param name="SpaceId">The space's id.</param>
/// <param name="Deletion">Which deletion of it.</param>
/// <param name="PurgeAt">Until when it can be restored.</param>
public sealed record PurgeSpaceInput(string SpaceId, string Deletion, DateTimeOffset PurgeAt);

/// <param name="Result"><c>purged</c>, or <c>restored</c> when there was nothing to do; <c>purging</c> as long as it runs.</param>
/// <param name="Records">How many records were removed so far.</param>
public sealed record PurgeSpaceOutput(string Result, long Records);

[JsonSerializable(typeof(PurgeSpaceInput))]
[JsonSerializable(typeof(PurgeSpaceOutput))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class PurgeJsonContext : JsonSerializerContext;
