using Backend.Http;
using Backend.Orchestrations;
using Backend.Sync.Batches;
using Backend.Sync.Pull;
using Backend.Sync.Push;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Sync;

internal static class SyncServices
{
    public static IServiceCollection AddSync(this IServiceCollection services)
    {
        services.AddOptions<SyncOptions>().BindConfiguration("Sync").ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<SyncOptions>, SyncOptionsValidator>()
            .AddSingleton<CursorCodec>()
            .AddSingleton<ScopeView>()
            .AddSingleton<ScopeChecksums>()
            .AddSingleton<PullChanges>()
            .AddSingleton<Resolvers>()
            .AddSingleton<ClientTurns>()
            .AddSingleton<PlanMutation>()
            .AddSingleton<PushMutations>()
            .AddSingleton<SchemaVersions>()
            .AddSingleton<ExchangeChanges>()
            .AddSingleton<SyncBatchRecords>()
            .AddSingleton<CreateSyncBatch>()
            .AddSingleton<CancelSyncBatch>()
            .AddSingleton<ReceiveSyncBatch>()
            .AddOrchestration<ApplySyncBatch, ApplySyncBatchInput, SyncBatchProgress>()
            .AddActivity<InspectSyncBatch, ApplySyncBatchInput, SyncBatchInspection>()
            .AddActivity<ApplySyncBatchChunk, ApplySyncBatchInput, SyncBatchPosition>()
            .AddActivity<FinishSyncBatch, FinishSyncBatchInput, bool>()
            .AddOrchestration<RemoveSyncBatch, RemoveSyncBatchInput, bool>()
            .AddActivity<ClearSyncBatch, RemoveSyncBatchInput, bool>()
            .AddJsonContext(SyncBatchMessagesJsonContext.Default)
            .AddJsonContext(SyncJsonContext.Default);
    }
}
