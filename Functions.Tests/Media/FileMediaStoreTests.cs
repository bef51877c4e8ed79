using System.Net;
using Backend.Media;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Media;

public sealed class FileMediaStoreTests : MediaStoreContract, IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private LocalBackend? _backend;

    private LocalBackend Backend => _backend ?? throw new InvalidOperationException("Not started");

    public async ValueTask InitializeAsync() => _backend = await LocalBackend.StartAsync(_folder.Path);

    [Fact]
    public async Task Blocks_that_together_are_larger_than_announced_are_refused()
    {
        var (store, name) = (await CreateStoreAsync(), NewName());
        var upload = await store.CreateUploadAsync(
            name, new UploadTerms("image/png", 100, TimeProvider.System.GetUtcNow().AddMinutes(5)), Ct);
        var url = Absolute(upload.Url);

        Assert.Equal(HttpStatusCode.Created, await PutAsync($"{url}&comp=block&blockid=MQ==", 60));
        Assert.Equal(HttpStatusCode.Created, await PutAsync($"{url}&comp=block&blockid=MQ==", 60));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PutAsync($"{url}&comp=block&blockid=Mg==", 60));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PutAsync($"{url}&comp=block&blockid=Mw==", 101));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync($"{url}&comp=block&blockid=not-base64", 1));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync($"{url}&comp=blocklist", 10));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync($"{url}&comp=tags", 10));
    }

    [Fact]
    public async Task A_content_that_is_not_the_announced_MD5_is_refused()
    {
        var (store, name) = (await CreateStoreAsync(), NewName());
        var upload = await store.CreateUploadAsync(
            name, new UploadTerms("image/png", 100, TimeProvider.System.GetUtcNow().AddMinutes(5)), Ct);
        using var content = new ByteArrayContent(new byte[10]);
        content.Headers.ContentMD5 = new byte[16];
        content.Headers.ContentType = new("image/png");
        using var request = new HttpRequestMessage(HttpMethod.Put, Absolute(upload.Url)) { Content = content };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");

        using var response = await Http.SendAsync(request, Ct);

        Assert.Equal((HttpStatusCode.BadRequest, "Md5Mismatch"), (response.StatusCode, response.Headers.GetValues("x-ms-error-code").Single()));
        Assert.Null(await store.FindAsync(name, Ct));
        Assert.Empty(Directory.EnumerateFiles(_folder.File("blobs"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_URL_takes_one_of_many_simultaneous_uploads_and_none_after_its_blob_is_deleted()
    {
        var (store, name) = (await CreateStoreAsync(), NewName());
        var upload = await store.CreateUploadAsync(
            name, new UploadTerms("image/png", 100, TimeProvider.System.GetUtcNow().AddMinutes(5)), Ct);

        async Task<HttpStatusCode> SendAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Absolute(upload.Url)) { Content = new ByteArrayContent(new byte[10]) };
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
            using var response = await Http.SendAsync(request, Ct);
            return response.StatusCode;
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync()));
        await store.DeleteAsync(name, Ct);

        Assert.Single(answers, HttpStatusCode.Created);
        Assert.Equal(19, answers.Count(answer => answer == HttpStatusCode.PreconditionFailed));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await SendAsync());
        Assert.Null(await store.FindAsync(name, Ct));
        Assert.Empty(Directory.EnumerateFiles(_folder.File("blobs"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_that_a_crash_left_behind_is_removed_and_one_in_use_is_kept()
    {
        var (store, name) = (await CreateStoreAsync(), NewName());
        await store.WriteAsync(name, new MemoryStream([1, 2, 3]), "image/png", Ct);
        var orphan = Path.Combine(_folder.File("blobs"), "orphan");
        await File.WriteAllTextAsync(orphan, "left behind", Ct);
        foreach (var file in Directory.EnumerateFiles(_folder.File("blobs"), "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Backend.App.Services.GetRequiredService<Local.Blobs.FileMediaStore>().RemoveOrphans();

        Assert.False(File.Exists(orphan));
        using var kept = await store.OpenFileAsync(name, Ct);
        Assert.True(File.Exists(kept?.Path));
    }

    protected override Task<IMediaStore> CreateStoreAsync() =>
        Task.FromResult<IMediaStore>(ActivatorUtilities.CreateInstance<Local.Blobs.FileMediaStore>(Backend.App.Services));

    protected override Uri Absolute(Uri url) => new(Backend.Url, url);

    public async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<HttpStatusCode> PutAsync(string url, int length)
    {
        using var response = await Http.PutAsync(url, new ByteArrayContent(new byte[length]), Ct);
        return response.StatusCode;
    }
}
