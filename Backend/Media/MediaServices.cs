using Backend.Http;
using Backend.Media.Delivery;
using Backend.Orchestrations;
using Backend.Sync.Batches;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Backend.Media;

internal static class MediaServices
{
    public static IServiceCollection AddMedia(this IServiceCollection services)
    {
        services.AddOptions<MediaOptions>().BindConfiguration("Media").ValidateOnStart();
        services.AddSingleton<IValidateOptions<MediaOptions>, MediaOptionsValidator>();
        services.AddSingleton<IValidateOptions<MediaOptions>, TransformOptionsValidator>();
        return services
            .AddSingleton<MediaRecords>()
            .AddSingleton<MediaUsage>()
            .AddSingleton<MediaContents>()
            .AddSingleton<MediaFiles>()
            .AddSingleton<OldRenditions>()
            .AddSingleton<RemoveMedia>()
            .AddSingleton<RemoveScopeMedia>()
            .AddSingleton<TransformQuery>()
            .AddSingleton<AcceptedFormats>()
            .AddSingleton<ImageClaims>()
            .AddSingleton<DerivedImages>()
            .AddSingleton<FindImage>()
            .AddSingleton<SignUrls>()
            .AddSingleton<UploadedFile>()
            .AddSingleton<CreateUpload>()
            .AddSingleton<ReadMedia>()
            .AddSingleton<ImageUrls>()
            .AddSingleton(static provider => new ReceiveUpload(
                provider.GetRequiredService<MediaRecords>(),
                provider.GetRequiredService<IMediaStore>(),
                provider.GetRequiredService<IOrchestrator>(),
                provider.GetRequiredService<ReceiveSyncBatch>(),
                provider.GetRequiredService<ILogger<ReceiveUpload>>()))
            .AddOrchestration<ProcessImage, ProcessImageInput, ProcessImageOutput>()
            .AddActivity<InspectUpload, ProcessImageInput, UploadInspection>()
            .AddActivity<RenderPresets, RenderPresetsInput, RenderPresetsOutput>()
            .AddActivity<DescribeImage, ProcessImageInput, ImageDescription>()
            .AddActivity<ModerateImage, ModerateImageInput, ModerationResult>()
            .AddActivity<SaveImage, ImageResult, bool>()
            .AddOrchestration<ReprocessMedia, ReprocessMediaInput, ReprocessProgress>()
            .AddActivity<CountUploads, ReprocessMediaInput, long>()
            .AddActivity<ListUploads, ReprocessMediaInput, UploadsPage>()
            .AddOrchestration<ExpireUpload, ExpireUploadInput, bool>()
            .AddActivity<RemoveUnusedSlot, ExpireUploadInput, bool>()
            .AddOrchestration<DeleteMedia, DeleteMediaInput, bool>()
            .AddActivity<DeleteMediaFiles, DeleteMediaInput, bool>()
            .AddOrchestration<RemoveOldRenditions, RemoveOldRenditionsInput, int>()
            .AddActivity<DeleteOldRenditions, RemoveOldRenditionsInput, int>()
            .AddJsonContext(MediaMessagesJsonContext.Default);
    }
}
