using System.Collections.Concurrent;
using System.Reflection;
using Backend.Orchestrations;
using Functions.Tests.Fixtures;
using Local.Orchestrations;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

/// <summary>The embedded host's blob trigger, when what it calls fails.</summary>
public sealed class UploadEventsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_cannot_be_handed_on_is_tried_again_and_holds_up_no_other()
    {
        var failing = new ConcurrentDictionary<string, bool>();
        await using var backend = await LocalBackend.StartWithAsync(
            services => services.AddSingleton(provider => FailingStarts.Before(
                ActivatorUtilities.CreateInstance<EmbeddedOrchestratorClient>(provider), failing)),
            null,
            "--Changes:MaxRetrySeconds=1");
        using var alice = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "alice");
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);

        var stuck = await MediaUpload.AnnounceAsync(alice, photo.Length, "image/jpeg");
        failing[stuck.Id] = true;
        await MediaUpload.PutAsync(stuck, photo);
        var other = await MediaUpload.UploadAsync(alice, photo, "image/jpeg");

        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, other)).GetProperty("status").GetString());
        Assert.Equal("uploaded", (await alice.GetAsync($"/v1/media/{stuck.Id}")).Json.GetProperty("status").GetString());

        failing.Clear();
        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, stuck.Id)).GetProperty("status").GetString());
    }

    /// <summary>Starts no processing of some media, and passes on everything else.</summary>
    public class FailingStarts : DispatchProxy
    {
        private IOrchestrator? _inner;
        private ConcurrentDictionary<string, bool>? _failing;

        public static IOrchestrator Before(IOrchestrator inner, ConcurrentDictionary<string, bool> failing)
        {
            var orchestrator = Create<IOrchestrator, FailingStarts>();
            ((FailingStarts)orchestrator)._inner = inner;
            ((FailingStarts)orchestrator)._failing = failing;
            return orchestrator;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (args is [_, string instanceId, ..] && instanceId.StartsWith("process-image-", StringComparison.Ordinal)
                && _failing!.Keys.Any(id => instanceId.Contains(id, StringComparison.Ordinal)))
            {
                return Task.FromException<StartOutcome>(new IOException("not now"));
            }

            return targetMethod?.Invoke(_inner, args);
        }
    }
}
