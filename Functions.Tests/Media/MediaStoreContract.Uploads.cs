using System.Net;
using System.Web;
using Backend.Media;

namespace Functions.Tests.Media;

public abstract partial class MediaStoreContract
{
    /// <summary>What a phone has: it follows the upload's terms and knows nothing of the store.</summary>
    private protected virtual HttpClient Http { get; } = new();

    [Theory]
    [InlineData("image/jpeg", 0)]
    [InlineData("image/heic", 12_345)]
    [InlineData("application/octet-stream", 20 * Megabyte)]
    public async Task A_plain_PUT_to_the_upload_URL_stores_the_blob(string contentType, int length)
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var upload = await CreateUploadAsync(store, name, contentType);

        Assert.Equal(HttpStatusCode.Created, await PutAsync(upload, Absolute(upload.Url), length));

        var found = await store.FindAsync(name, Ct);
        Assert.Equal((length, contentType), (found?.Length, found?.ContentType));
        await AssertHoldsAsync(store, name, length);
    }

    [Fact]
    public async Task The_upload_says_how_and_until_when()
    {
        var expires = TimeProvider.System.GetUtcNow().AddMinutes(10);

        var upload = await CreateUploadAsync(await CreateStoreAsync(), NewName(), expiresAt: expires);

        Assert.Equal(("PUT", expires), (upload.Method, upload.ExpiresAt));
        Assert.Equal("BlockBlob", upload.Headers["x-ms-blob-type"]);
        Assert.Equal("image/png", upload.Headers["Content-Type"]);
    }

    [Fact]
    public async Task An_upload_over_an_earlier_one_replaces_it()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var upload = await CreateUploadAsync(store, name);
        await PutAsync(upload, Absolute(upload.Url), 100);
        var first = await store.CloseUploadAsync(name, Ct);

        var other = await CreateUploadAsync(store, name, isReplacement: true);
        Assert.Equal(HttpStatusCode.Created, await PutAsync(other, Absolute(other.Url), 200));

        var second = await store.CloseUploadAsync(name, Ct);
        Assert.Equal((100, 200), (first?.Length, second?.Length));
        Assert.NotEqual(first?.ETag, second?.ETag);
    }

    [Fact]
    public async Task An_upload_that_was_closed_stays_as_it_is_until_it_is_deleted()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        Assert.Null(await store.CloseUploadAsync(name, Ct));
        var upload = await CreateUploadAsync(store, name);
        await PutAsync(upload, Absolute(upload.Url), 100);
        var found = await store.FindAsync(name, Ct);

        Assert.Equal(found, await store.CloseUploadAsync(name, Ct));
        Assert.Equal(found, await (await CreateStoreAsync()).CloseUploadAsync(name, Ct));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PutAsync(upload, Absolute(upload.Url), 100));
        Assert.Equal(found, await store.FindAsync(name, Ct));
        await AssertHoldsAsync(store, name, 100);

        await store.DeleteAsync(name, Ct);
        Assert.Null(await store.FindAsync(name, Ct));
    }

    [Fact]
    public async Task A_replacement_that_was_announced_before_anything_came_is_an_upload()
    {
        var store = await CreateStoreAsync();
        var name = NewName();

        var upload = await CreateUploadAsync(store, name, isReplacement: true);

        Assert.Equal(HttpStatusCode.Created, await PutAsync(upload, Absolute(upload.Url), 100));
        Assert.Equal(100, (await store.CloseUploadAsync(name, Ct))?.Length);
    }

    [Fact]
    public async Task An_expired_upload_URL_is_refused()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var upload = await CreateUploadAsync(store, name, expiresAt: TimeProvider.System.GetUtcNow().AddMinutes(-1));

        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(upload, Absolute(upload.Url), 10));
        Assert.Null(await store.FindAsync(name, Ct));
    }

    [Fact]
    public async Task An_upload_URL_with_any_part_changed_or_left_out_is_refused()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var upload = await CreateUploadAsync(store, name);
        var url = Absolute(upload.Url);
        var terms = HttpUtility.ParseQueryString(url.Query);
        Assert.NotEmpty(terms.AllKeys);

        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(upload, WithoutTerm(url, "sig"), 10));
        foreach (var term in terms.AllKeys)
        {
            Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(upload, WithChangedTerm(url, term), 10));
        }

        Assert.Null(await store.FindAsync(name, Ct));
    }

    [Fact]
    public async Task An_upload_URL_opens_no_other_blob()
    {
        var store = await CreateStoreAsync();
        var (mine, theirs) = (NewName(), NewName());
        var upload = await CreateUploadAsync(store, mine);
        var query = Absolute(upload.Url).Query;
        var other = Absolute((await CreateUploadAsync(store, theirs)).Url);

        Assert.Equal(
            HttpStatusCode.Forbidden, await PutAsync(upload, new UriBuilder(other) { Query = query }.Uri, 10));
        Assert.Null(await store.FindAsync(theirs, Ct));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    public async Task An_upload_URL_neither_reads_nor_deletes(string method)
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var upload = await CreateUploadAsync(store, name);
        await PutAsync(upload, Absolute(upload.Url), 10);

        using var request = new HttpRequestMessage(new HttpMethod(method), Absolute(upload.Url));
        using var response = await Http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.NotNull(await store.FindAsync(name, Ct));
    }

    [Fact]
    public async Task A_large_upload_may_come_in_blocks()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var upload = await CreateUploadAsync(store, name, "image/tiff");
        var url = Absolute(upload.Url);
        string[] ids = ["MDAwMQ==", "MDAwMg=="];
        foreach (var (index, id) in ids.Index())
        {
            var block = new UriBuilder(url) { Query = $"{url.Query}&comp=block&blockid={Uri.EscapeDataString(id)}" }.Uri;
            using var part = new ByteArrayContent(PatternStream.Bytes(0, index * Megabyte, Megabyte));
            using var stored = await Http.PutAsync(block, part, Ct);
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
            Assert.Null(await store.OpenReadAsync(name, null, Ct));
        }

        var list = string.Concat(ids.Select(id => $"<Latest>{id}</Latest>"));
        using var commit = new HttpRequestMessage(
            HttpMethod.Put, new UriBuilder(url) { Query = $"{url.Query}&comp=blocklist" }.Uri)
        {
            Content = new StringContent($"<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>"),
            Headers = { { "x-ms-blob-content-type", "image/tiff" } },
        };
        using var committed = await Http.SendAsync(commit, Ct);

        Assert.Equal(HttpStatusCode.Created, committed.StatusCode);
        Assert.Equal("image/tiff", (await store.FindAsync(name, Ct))?.ContentType);
        await AssertHoldsAsync(store, name, 2 * Megabyte);
    }

    private static Task<UploadTarget> CreateUploadAsync(
        IMediaStore store, BlobName name, string contentType = "image/png", DateTimeOffset? expiresAt = null, bool isReplacement = false) =>
        store.CreateUploadAsync(
            name,
            new UploadTerms(contentType, 64 * Megabyte, expiresAt ?? TimeProvider.System.GetUtcNow().AddMinutes(10), isReplacement),
            Ct);

    private async Task<HttpStatusCode> PutAsync(UploadTarget upload, Uri url, int length)
    {
        using var request = new HttpRequestMessage(new HttpMethod(upload.Method), url)
        {
            Content = new StreamContent(new PatternStream(length)),
        };
        request.Content.Headers.ContentLength = length;
        foreach (var (name, value) in upload.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await Http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    private static Uri WithoutTerm(Uri url, string term)
    {
        var terms = HttpUtility.ParseQueryString(url.Query);
        Assert.NotNull(terms[term]);
        terms.Remove(term);
        return new UriBuilder(url) { Query = terms.ToString() }.Uri;
    }

    /// <summary>Another value that keeps the old one's form: a later year, a wider permission, another signature.</summary>
    private static Uri WithChangedTerm(Uri url, string? term)
    {
        var terms = HttpUtility.ParseQueryString(url.Query);
        var value = terms[term] ?? "";
        var index = value.AsSpan().IndexOfAnyInRange('0', '8');
        var changed = index >= 0
            ? $"{value[..index]}{(char)(value[index] + 1)}{value[(index + 1)..]}"
            : $"r{value}";
        terms[term] = changed;
        return new UriBuilder(url) { Query = terms.ToString() }.Uri;
    }
}
