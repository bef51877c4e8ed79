using Backend.Http;
using Backend.Orchestrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Spaces;

internal static class SpaceServices
{
    public static IServiceCollection AddSpaces(this IServiceCollection services)
    {
        services.AddOptions<SpaceOptions>().BindConfiguration(SpaceOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<SpaceOptions>, SpaceOptionsValidator>()
            .AddSingleton<SpaceRecords>()
            .AddSingleton<InvitationRecords>()
            .AddSingleton<InvitationTokens>()
            .AddSingleton<Memberships>()
            .AddSingleton<CreateSpace>()
            .AddSingleton<ListSpaces>()
            .AddSingleton<ChangeSpace>()
            .AddSingleton<RemoveMember>()
            .AddSingleton<DeleteSpace>()
            .AddSingleton<InvitePeople>()
            .AddSingleton<JoinSpace>()
            .AddOrchestration<PurgeSpace, PurgeSpaceInput, PurgeSpaceOutput>()
            .AddActivity<ClaimSpacePurge, PurgeSpaceInput, bool>()
            .AddActivity<DeleteSpaceRecords, PurgeSpaceInput, int>()
            .AddJsonContext(SpaceMessagesJsonContext.Default);
    }
}
