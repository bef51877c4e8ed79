using Backend.Media;
using Backend.Records;

namespace Functions.Tests.Media;

/// <summary>
/// What every <see cref="IMediaStore"/> promises. Each test works under names of its own, so that a store may be shared
/// by all tests.
/// </summary>
public abstract partial class MediaStoreContract
{
    private const int Megabyte = 1024 * 1024;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A store; within one test, every call is another instance over the same data.</summary>
    protected abstract Task<IMediaStore> CreateStoreAsync();

    /// <summary>Completes an upload URL that is relative to the host's own address.</summary>
    protected abstract Uri Absolute(Uri url);

    [Fact]
    public async Task A_blob_that_was_never_written_is_missing_everywhere()
    {
        var store = await CreateStoreAsync();
        var name = NewName();

        Assert.Null(await store.FindAsync(name, Ct));
        Assert.Null(await store.OpenReadAsync(name, null, Ct));
        Assert.Null(await store.OpenReadAsync(name, new BlobRange(0, 10), Ct));
        Assert.Null(await store.OpenFileAsync(name, Ct));
        await store.DeleteAsync(name, Ct);
    }

    [Fact]
    public async Task A_written_blob_is_found_and_read_by_another_instance()
    {
        var name = NewName();
        var written = await (await CreateStoreAsync()).WriteAsync(name, Content(1000), "image/webp", Ct);
        var other = await CreateStoreAsync();

        Assert.Equal((1000, "image/webp"), (written.Length, written.ContentType));
        Assert.NotEmpty(written.ETag.Value);
        Assert.Equal(written, await other.FindAsync(name, Ct));
        await AssertHoldsAsync(other, name, 1000);
    }

    [Fact]
    public async Task An_empty_blob_is_a_blob()
    {
        var store = await CreateStoreAsync();
        var name = NewName();

        Assert.Equal(0, (await store.WriteAsync(name, Content(0), "text/plain", Ct)).Length);

        Assert.Equal(0, (await store.FindAsync(name, Ct))?.Length);
        await AssertHoldsAsync(store, name, 0);
    }

    [Fact]
    public async Task Each_write_changes_the_ETag_even_with_the_same_content()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var seen = new HashSet<ETag>();
        for (var i = 0; i < 5; i++)
        {
            var written = await store.WriteAsync(name, Content(10), "text/plain", Ct);
            Assert.True(seen.Add(written.ETag));
            Assert.Equal(written.ETag, (await store.FindAsync(name, Ct))?.ETag);
        }
    }

    [Fact]
    public async Task Overwriting_replaces_content_length_and_type()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        await store.WriteAsync(name, Content(2000, seed: 1), "image/png", Ct);

        await store.WriteAsync(name, Content(500, seed: 2), "image/jpeg", Ct);

        var found = await store.FindAsync(name, Ct);
        Assert.Equal((500, "image/jpeg"), (found?.Length, found?.ContentType));
        await AssertHoldsAsync(store, name, 500, seed: 2);
    }

    [Fact]
    public async Task A_deleted_blob_is_missing_and_can_be_written_again()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        await store.WriteAsync(name, Content(10), "text/plain", Ct);

        await store.DeleteAsync(name, Ct);
        Assert.Null(await store.FindAsync(name, Ct));
        await store.DeleteAsync(name, Ct);

        await store.WriteAsync(name, Content(20), "text/plain", Ct);
        await AssertHoldsAsync(store, name, 20);
    }

    [Fact]
    public async Task A_list_has_what_begins_with_the_prefix_page_by_page()
    {
        var store = await CreateStoreAsync();
        var (scope, media) = (Scope.ForUser($"lists.and {Guid.NewGuid()}"), RecordId.New(TimeProvider.System.GetUtcNow()));
        BlobName[] names = [.. Enumerable.Range(0, 5).Select(i => BlobName.ForRendition(scope, media, "0", $"p{i}"))];
        foreach (var name in names)
        {
            await store.WriteAsync(name, Content(3), "image/webp", Ct);
        }

        var other = RecordId.New(TimeProvider.System.GetUtcNow());
        await store.WriteAsync(BlobName.ForRendition(scope, other, "0", "p0"), Content(3), "image/webp", Ct);
        await store.WriteAsync(BlobName.ForUpload(scope, media), Content(3), "image/webp", Ct);

        var found = new List<BlobName>();
        var sizes = new List<int>();
        string? next = null;
        do
        {
            var page = await store.ListAsync(BlobName.RenditionsOf(scope, media), next, 2, Ct);
            found.AddRange(page.Names);
            sizes.Add(page.Names.Count);
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal(names, found);
        Assert.All(sizes, size => Assert.InRange(size, 0, 2));
        Assert.Equal([BlobName.ForUpload(scope, media)], (await store.ListAsync(BlobName.UploadsOf(scope), null, 10, Ct)).Names);
        Assert.Empty((await store.ListAsync(BlobName.RenditionsOf(scope, RecordId.New(TimeProvider.System.GetUtcNow())), null, 10, Ct)).Names);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 100_000)]
    [InlineData(1, 10)]
    [InlineData(65_535, 2)]
    [InlineData(99_999, 1)]
    public async Task A_range_is_those_bytes_and_no_others(int offset, int length)
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        await store.WriteAsync(name, Content(100_000), "image/png", Ct);

        await using var stream = await store.OpenReadAsync(name, new BlobRange(offset, length), Ct);

        Assert.NotNull(stream);
        var read = new MemoryStream();
        await stream.CopyToAsync(read, Ct);
        Assert.Equal(PatternStream.Bytes(0, offset, length), read.ToArray());
    }

    [Theory]
    [InlineData("auth0|a.b@c")]
    [InlineData("..")]
    [InlineData("Ünïcødé 日本語/👩‍🚀?#%2e&+=")]
    public async Task Any_user_has_blobs_of_their_own(string user)
    {
        var store = await CreateStoreAsync();
        var id = RecordId.New(TimeProvider.System.GetUtcNow());
        var name = BlobName.ForUpload(Scope.ForUser(user), id);
        var rendition = BlobName.ForRendition(Scope.ForUser(user), id, "v1", "thumb");

        await store.WriteAsync(name, Content(100, seed: 1), "image/png", Ct);
        await store.WriteAsync(rendition, Content(50, seed: 2), "image/webp", Ct);

        await AssertHoldsAsync(store, name, 100, seed: 1);
        await AssertHoldsAsync(store, rendition, 50, seed: 2);
        Assert.Null(await store.FindAsync(BlobName.ForUpload(Scope.ForUser(user + "x"), id), Ct));
    }

    [Fact]
    public async Task Twenty_megabytes_stream_in_and_out()
    {
        var store = await CreateStoreAsync();
        var name = NewName();

        var written = await store.WriteAsync(name, Content(20 * Megabyte), "image/tiff", Ct);

        Assert.Equal(20 * Megabyte, written.Length);
        Assert.Equal(written, await store.FindAsync(name, Ct));
        await AssertHoldsAsync(store, name, 20 * Megabyte);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(6 * Megabyte)]
    public async Task A_write_that_breaks_off_leaves_what_was_there(int failsAt)
    {
        var store = await CreateStoreAsync();
        var (old, missing) = (NewName(), NewName());
        var before = await store.WriteAsync(old, Content(1000, seed: 1), "image/png", Ct);

        foreach (var name in (BlobName[])[old, missing])
        {
            await Assert.ThrowsAnyAsync<Exception>(() => store.WriteAsync(
                name, new PatternStream(10 * Megabyte, seed: 2, failsAt), "image/png", Ct));
        }

        Assert.Equal(before, await store.FindAsync(old, Ct));
        await AssertHoldsAsync(store, old, 1000, seed: 1);
        Assert.Null(await store.FindAsync(missing, Ct));
    }

    [Fact]
    public async Task Readers_see_the_old_or_the_new_blob_never_a_mixture()
    {
        const int Length = 300_000;
        var store = await CreateStoreAsync();
        var name = NewName();
        await store.WriteAsync(name, Content(Length, seed: 0), "image/png", Ct);

        var writing = Task.Run(
            async () =>
            {
                for (var seed = 1; seed <= 20; seed++)
                {
                    await store.WriteAsync(name, Content(Length + seed, seed), "image/png", Ct);
                }
            }, Ct);
        do
        {
            await using var stream = await store.OpenReadAsync(name, null, Ct);
            Assert.NotNull(stream);
            var seed = stream.ReadByte(); // the pattern starts with its seed
            Assert.Equal(Length + seed, 1 + await CountAsync(stream, seed));
        }
        while (!writing.IsCompleted);
        await writing;
        await AssertHoldsAsync(store, name, Length + 20, seed: 20);
    }

    [Fact]
    public async Task A_blob_can_be_had_as_a_file_that_goes_when_it_is_a_copy()
    {
        var store = await CreateStoreAsync();
        var name = NewName();
        var written = await store.WriteAsync(name, Content(3 * Megabyte), "image/png", Ct);

        string path;
        using (var file = await store.OpenFileAsync(name, Ct))
        {
            Assert.NotNull(file);
            Assert.Equal(written, file.Properties);
            path = file.Path;
            await using var stream = File.OpenRead(path);
            Assert.Equal(3 * Megabyte, await PatternStream.VerifyAsync(stream, 0, Ct));
        }

        await AssertHoldsAsync(store, name, 3 * Megabyte);
        await store.DeleteAsync(name, Ct);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_store_that_works_passes_its_check() => await (await CreateStoreAsync()).CheckAsync(Ct);

    private protected static BlobName NewName() => BlobName.ForUpload(
        Scope.ForUser($"u{Guid.NewGuid():N}"), RecordId.New(TimeProvider.System.GetUtcNow()));

    private static PatternStream Content(long length, int seed = 0) => new(length, seed);

    private static async Task AssertHoldsAsync(IMediaStore store, BlobName name, long length, int seed = 0)
    {
        await using var stream = await store.OpenReadAsync(name, null, Ct);
        Assert.NotNull(stream);
        Assert.Equal(length, await PatternStream.VerifyAsync(stream, seed, Ct));
    }

    /// <summary>Verifies a stream from its second byte on.</summary>
    private static async Task<long> CountAsync(Stream stream, int seed)
    {
        var rest = new MemoryStream();
        await stream.CopyToAsync(rest, Ct);
        Assert.Equal(PatternStream.Bytes(seed, 1, (int)rest.Length), rest.ToArray());
        return rest.Length;
    }
}
