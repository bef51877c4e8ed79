using Backend.Changes;
using Backend.Encryption;
using Backend.Http;
using Backend.Media;
using Backend.Model.History;
using Backend.Records;
using Backend.Security;
using Backend.Spaces;
using Backend.Sync;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Configuration;

/// <summary>A section of the configuration and all settings that it can have.</summary>
/// <param name="Name">The section.</param>
/// <param name="Keys">Its settings.</param>
public sealed record KnownSection(string Name, params IReadOnlyList<string> Keys);

public static class KnownSettings
{
    /// <summary>
    /// Makes a host's section known. A setting that is none of a known section's is a slip of the pen and stops the start: it
    /// would leave the default in force without a word.
    /// </summary>
    public static IServiceCollection AddKnownSection(this IServiceCollection services, string name, params IReadOnlyList<string> keys) =>
        services.AddSingleton(new KnownSection(name, keys));

    /// <summary>The sections of the product itself. A test compares them with the options' classes.</summary>
    internal static IServiceCollection AddKnownSettings(this IServiceCollection services)
    {
        services.AddOptions<SpelledSettings>().ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<SpelledSettings>, SettingNames>()
            .AddKnownSection(
                "Auth", nameof(AuthOptions.Authority), nameof(AuthOptions.Audience), nameof(AuthOptions.ClockSkewSeconds),
                nameof(AuthOptions.KeyRefreshSeconds), nameof(AuthOptions.TokenCacheSeconds), nameof(AuthOptions.AdminRole),
                nameof(AuthOptions.AllowHttp))
            .AddKnownSection("Signing", nameof(SigningOptions.Keys))
            .AddKnownSection(
                "Http", nameof(HttpOptions.MaxBodyBytes), nameof(HttpOptions.MaxJsonDepth), nameof(HttpOptions.PublicUrl),
                nameof(HttpOptions.CorsOrigins), nameof(HttpOptions.CorsMaxAgeSeconds))
            .AddKnownSection(
                RecordOptions.Section, nameof(RecordOptions.DefaultPageSize), nameof(RecordOptions.MaxPageSize),
                nameof(RecordOptions.MaxRecordBytes), nameof(RecordOptions.MaxBatchSize), nameof(RecordOptions.MaxBatchBytes),
                nameof(RecordOptions.RetentionDays), nameof(RecordOptions.IdempotencyHours))
            .AddKnownSection(
                ChangeOptions.Section, nameof(ChangeOptions.HandlerTimeoutSeconds), nameof(ChangeOptions.MaxParallelScopes),
                nameof(ChangeOptions.RetrySeconds), nameof(ChangeOptions.MaxRetrySeconds), nameof(ChangeOptions.MaxWaitingRecords))
            .AddKnownSection("Retention", nameof(RetentionOptions.PurgeMinutes), nameof(RetentionOptions.PurgeBatchSize))
            .AddKnownSection(ModelChangeOptions.Section, nameof(ModelChangeOptions.Accept))
            .AddKnownSection(EncryptionOptions.Section, nameof(EncryptionOptions.DataKeyDays))
            .AddKnownSection(
                "Sync", nameof(SyncOptions.DefaultPageSize), nameof(SyncOptions.MaxPageSize), nameof(SyncOptions.MaxPageBytes),
                nameof(SyncOptions.MaxScopes), nameof(SyncOptions.MaxMutations), nameof(SyncOptions.MaxClockDriftSeconds),
                nameof(SyncOptions.MaxWritersPerRecord), nameof(SyncOptions.MaxChecksumRecords), nameof(SyncOptions.OldestSchema),
                nameof(SyncOptions.MaxBatchBytes), nameof(SyncOptions.MaxBatchMutations), nameof(SyncOptions.MaxBatchLineBytes),
                nameof(SyncOptions.MaxOpenBatches), nameof(SyncOptions.BatchUploadMinutes), nameof(SyncOptions.BatchHours))
            .AddKnownSection(
                "Media", nameof(MediaOptions.MaxUploadBytes), nameof(MediaOptions.UploadUrlMinutes), nameof(MediaOptions.ImageUrlHours),
                nameof(MediaOptions.MaxPixels), nameof(MediaOptions.MaxFrames), nameof(MediaOptions.TimeoutSeconds),
                nameof(MediaOptions.MaxUserCount), nameof(MediaOptions.MaxUserBytes), nameof(MediaOptions.UnusedSlotMinutes),
                nameof(MediaOptions.PresetsOnly), nameof(MediaOptions.Widths), nameof(MediaOptions.Formats),
                nameof(MediaOptions.NegotiatedFormats), nameof(MediaOptions.TransformQuality), nameof(MediaOptions.MinTransformQuality),
                nameof(MediaOptions.MaxTransformQuality), nameof(MediaOptions.MaxPendingTransforms))
            .AddKnownSection(
                SpaceOptions.Section, nameof(SpaceOptions.MaxMembers), nameof(SpaceOptions.MaxSpacesPerUser),
                nameof(SpaceOptions.MaxInvitations), nameof(SpaceOptions.MaxInvitationUses), nameof(SpaceOptions.InvitationHours),
                nameof(SpaceOptions.MaxInvitationHours));
    }
}
