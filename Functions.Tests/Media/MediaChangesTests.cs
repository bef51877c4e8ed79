using System.Collections.Concurrent;
using Backend.Changes;
using Backend.Media;
using Backend.Model;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

/// <summary>What becomes of an upload reaches those who follow the changes of records, as push and realtime do.</summary>
public sealed class MediaChangesTests
{
    [Fact]
    public async Task Handlers_of_changes_hear_of_every_end_of_an_upload_and_of_deletion()
    {
        var follower = new Follower();
        await using var host = await LocalBackend.StartWithAsync(services => services.AddSingleton<IRecordChangeHandler>(follower));
        using var alice = await ApiClient.CreateAsync(host.Url, new Uri(host.Url, "/dev/token"), "alice");

        var good = await MediaUpload.UploadAsync(alice, ImageEngineContract.QuartersPng(64, 48), "image/png");
        var bad = await MediaUpload.UploadAsync(alice, "no image"u8.ToArray(), "image/png");

        await Eventually.TrueAsync(() => Task.FromResult(follower.Saw(good, MediaStatus.Ready) && follower.Saw(bad, MediaStatus.Failed)));
        await alice.DeleteAsync($"/v1/media/{good}");
        await Eventually.TrueAsync(() => Task.FromResult(follower.Saw(good, MediaStatus.Deleted)));
    }

    private sealed class Follower : IRecordChangeHandler
    {
        private readonly ConcurrentDictionary<(string Id, MediaStatus Status), bool> _seen = new();

        public string Name => "follower";

        public bool Saw(string media, MediaStatus status) => _seen.ContainsKey((media, status));

        public Task HandleAsync(StoredRecord record, CancellationToken ct)
        {
            if (record.Key.Collection == AppModel.MediaCollection)
            {
                var status = MediaDetails.Read(record).Status;
                _seen[(record.Key.Id.Value, status)] = record.Deleted == (status is MediaStatus.Deleted);
            }

            return Task.CompletedTask;
        }
    }
}
