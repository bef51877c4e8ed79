using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Media;

public class MediaApiTests(BackendFixture backend)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_photo_goes_all_the_way_through()
    {
        using var alice = await backend.NewUserAsync();
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);
        Assert.True(ExifReader.HasGps(photo));

        var media = await MediaUpload.UploadAsync(alice, photo, "image/jpeg");
        var ready = await MediaUpload.WaitAsync(alice, media);

        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.True(ready.GetProperty("width").GetInt32() > 320);
        Assert.Matches("^[0-9A-Za-z#$%*+,.:;=?@\\[\\]^_{|}~-]{20,}$", ready.GetProperty("placeholder").GetString());
        Assert.Matches("^#[0-9a-f]{6}$", ready.GetProperty("color").GetString());
        var renditions = ready.GetProperty("renditions").EnumerateArray().ToDictionary(r => r.GetProperty("preset").GetString() ?? "");
        Assert.Equal(["display", "thumb"], renditions.Keys.Order());
        Assert.Equal((320, 320), (renditions["thumb"].GetProperty("width").GetInt32(), renditions["thumb"].GetProperty("height").GetInt32()));
        foreach (var rendition in renditions.Values)
        {
            using var anyone = new HttpClient();
            var bytes = await anyone.GetByteArrayAsync(rendition.GetProperty("url").GetString(), Ct);
            Assert.Equal(rendition.GetProperty("size").GetInt64(), bytes.Length);
            Assert.False(ExifReader.HasGps(bytes));
            Assert.DoesNotContain("Exif", Encoding.Latin1.GetString(bytes), StringComparison.OrdinalIgnoreCase);
        }

        var (records, _, _) = await alice.PullAsync();
        var record = Assert.Single(records, r => r.GetProperty("id").GetString() == media);
        Assert.Equal("media", record.GetProperty("collection").GetString());
        Assert.Equal("ready", record.GetProperty("status").GetString());
        Assert.Equal(ready.GetProperty("takenAt").GetString(), record.GetProperty("takenAt").GetString());
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T", record.GetProperty("takenAt").GetString());
        Assert.NotEmpty(record.GetProperty("camera").GetString() ?? "");
        Assert.False(record.TryGetProperty("position", out _)); // the sample's model does not ask for it
    }

    [Fact]
    public async Task A_photo_in_blocks_is_resumed_and_becomes_ready()
    {
        using var alice = await backend.NewUserAsync();
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);
        var slot = await MediaUpload.AnnounceAsync(alice, photo.Length, "image/jpeg");
        var blocks = photo.Chunk((photo.Length / 3) + 1).ToArray();

        foreach (var index in (int[])[2, 0, 0, 1]) // in any order, and one of them again
        {
            Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutBlockAsync(slot, index, blocks[index]));
        }

        Assert.Equal("pending", (await alice.GetAsync($"/v1/media/{slot.Id}")).Json.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, await MediaUpload.PutBlockListAsync(slot, 4));
        Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutBlockListAsync(slot, 3));
        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, slot.Id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_rendition_is_served_conditionally_by_range_and_by_head()
    {
        using var alice = await backend.NewUserAsync();
        var media = await MediaUpload.UploadAsync(alice, await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct), "image/jpeg");
        var ready = await MediaUpload.WaitAsync(alice, media);
        var url = ready.GetProperty("renditions")[0].GetProperty("url").GetString() ?? "";
        using var client = backend.Anonymous();

        var whole = await client.GetAsync(url);
        Assert.Contains("immutable", whole.Headers["Cache-Control"], StringComparison.Ordinal);
        var part = await client.GetAsync(url, ("Range", "bytes=10-19"));
        Assert.Equal((HttpStatusCode.PartialContent, $"bytes 10-19/{whole.Bytes.Length}"), (part.Status, part.Headers["Content-Range"]));
        Assert.Equal(whole.Bytes[10..20], part.Bytes);
        Assert.Equal(whole.Bytes[^5..], (await client.GetAsync(url, ("Range", "bytes=-5"))).Bytes);
        Assert.Equal(whole.Bytes[100..], (await client.GetAsync(url, ("Range", "bytes=100-"), ("If-Range", whole.ETag ?? ""))).Bytes);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(url, ("Range", "bytes=1-2"), ("If-Range", "\"other\""))).Status);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await client.GetAsync(url, ("Range", "bytes=99999999-"))).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await client.GetAsync(url, ("If-None-Match", whole.ETag ?? ""))).Status);
        var head = await client.SendAsync(HttpMethod.Head, url, null);
        Assert.Equal((HttpStatusCode.OK, $"{whole.Bytes.Length}", 0), (head.Status, head.Headers["Content-Length"], head.Bytes.Length));
    }

    [Fact]
    public async Task A_rendition_needs_a_good_signature_or_its_readers_token()
    {
        using var alice = await backend.NewUserAsync();
        using var bob = await backend.NewUserAsync();
        using var anyone = backend.Anonymous();
        var media = await MediaUpload.UploadAsync(alice, await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct), "image/jpeg");
        var ready = await MediaUpload.WaitAsync(alice, media);
        var url = new Uri(ready.GetProperty("renditions")[0].GetProperty("url").GetString() ?? "").PathAndQuery;

        foreach (var forged in new[] { url[..^4] + "AAAA", url.Replace("/display", "/thumb", StringComparison.Ordinal), url.Replace("exp=1", "exp=2", StringComparison.Ordinal) })
        {
            (await anyone.GetAsync(forged)).AssertProblem(HttpStatusCode.Forbidden, "bad_signature");
        }

        (await anyone.GetAsync($"/i/{media}/thumb")).AssertProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        (await bob.GetAsync($"/i/{media}/thumb")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        (await bob.GetAsync($"/v1/media/{media}")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/i/{media}/thumb")).Status);
        (await alice.GetAsync($"/i/{media}/nope")).AssertProblem(HttpStatusCode.NotFound, "media_not_found");
    }

    public static TheoryData<string, byte[], string, string> Hostile()
    {
        var photo = File.ReadAllBytes(RepositoryFiles.Photo);
        return new TheoryData<string, byte[], string, string>
        {
            { "text", Encoding.UTF8.GetBytes("This is no image, whatever its name says."), "image/jpeg", "not_an_image" },
            { "html", Encoding.UTF8.GetBytes("<html><script>alert(1)</script></html>"), "image/png", "not_an_image" },
            { "truncated", photo[..(photo.Length / 2)], "image/jpeg", "corrupt" },
            { "bomb", ForgedPng(65_500, 65_500), "image/png", "too_many_pixels" },
            { "other type", photo, "image/png", "content_type_mismatch" },
        };
    }

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task A_hostile_file_ends_in_failed_with_its_reason(string name, byte[] content, string contentType, string reason)
    {
        using var alice = await backend.NewUserAsync();

        var media = await MediaUpload.UploadAsync(alice, content, contentType);
        var failed = await MediaUpload.WaitAsync(alice, media);

        Assert.Equal((name, "failed", reason), (name, failed.GetProperty("status").GetString(), failed.GetProperty("reason").GetString()));
        Assert.NotEmpty(failed.GetProperty("detail").GetString() ?? "");
        Assert.Equal(0, failed.GetProperty("renditions").GetArrayLength());
    }

    [Fact]
    public async Task An_upload_that_is_not_what_was_announced_fails()
    {
        using var alice = await backend.NewUserAsync();
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);

        var shorter = await MediaUpload.UploadAsync(alice, photo[..1000], "image/jpeg", announcedSize: 2000);
        var other = await MediaUpload.UploadAsync(
            alice, photo, "image/jpeg", sha256: Convert.ToHexStringLower(SHA256.HashData("other"u8)));
        var same = await MediaUpload.UploadAsync(alice, photo, "image/jpeg", sha256: Convert.ToHexStringLower(SHA256.HashData(photo)));

        Assert.Equal("size_mismatch", (await MediaUpload.WaitAsync(alice, shorter)).GetProperty("reason").GetString());
        Assert.Equal("hash_mismatch", (await MediaUpload.WaitAsync(alice, other)).GetProperty("reason").GetString());
        Assert.Equal("ready", (await MediaUpload.WaitAsync(alice, same)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Uploading_again_replaces_the_renditions()
    {
        using var alice = await backend.NewUserAsync();
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);
        var media = await MediaUpload.UploadAsync(alice, photo, "image/jpeg");
        var first = await MediaUpload.WaitAsync(alice, media);

        async Task ReplaceAsync(byte[] content)
        {
            var slot = MediaUpload.Read(await alice.PostAsync(
                $"/v1/media/{media}/upload", $$"""{"contentType":"image/jpeg","size":{{content.Length}}}"""));
            Assert.Equal(HttpStatusCode.Created, await MediaUpload.PutAsync(slot, content));
        }

        var broken = photo.ToArray();
        Array.Clear(broken, 0, 100);
        await ReplaceAsync(broken);
        await Eventually.TrueAsync(async () => (await alice.GetAsync($"/v1/media/{media}")).Json.GetProperty("status").GetString() == "failed");
        await ReplaceAsync(photo);
        await Eventually.TrueAsync(async () => (await alice.GetAsync($"/v1/media/{media}")).Json.GetProperty("status").GetString() == "ready");

        Assert.Equal("ready", first.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upload_url_is_good_for_one_upload(bool inBlocks)
    {
        using var alice = await backend.NewUserAsync();
        var photo = await File.ReadAllBytesAsync(RepositoryFiles.Photo, Ct);
        var slot = await MediaUpload.AnnounceAsync(alice, photo.Length, "image/jpeg");
        if (inBlocks)
        {
            await MediaUpload.PutBlockAsync(slot, 0, photo);
        }

        Assert.Equal(HttpStatusCode.Created, inBlocks ? await MediaUpload.PutBlockListAsync(slot, 1) : await MediaUpload.PutAsync(slot, photo));
        var ready = await MediaUpload.WaitAsync(alice, slot.Id);

        Assert.Equal(HttpStatusCode.PreconditionFailed, await MediaUpload.PutAsync(slot, new byte[photo.Length]));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await MediaUpload.PutBlockAsync(slot, 0, new byte[photo.Length]));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await MediaUpload.PutBlockListAsync(slot, 1));
        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.Equal(ready.GetRawText(), (await alice.GetAsync($"/v1/media/{slot.Id}")).Json.GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/i/{slot.Id}?w=32")).Status); // made of the original, which is untouched
    }

    [Fact]
    public async Task An_upload_url_works_for_its_blob_and_its_time_only()
    {
        using var alice = await backend.NewUserAsync();
        var photo = new byte[100];
        var slot = await MediaUpload.AnnounceAsync(alice, photo.Length, "image/jpeg");
        var other = await MediaUpload.AnnounceAsync(alice, photo.Length, "image/jpeg");

        Assert.Equal(HttpStatusCode.Forbidden, await MediaUpload.PutAsync(slot with { Url = slot.Url[..^3] + "AAA" }, photo));
        Assert.Equal(HttpStatusCode.Forbidden, await MediaUpload.PutAsync(
            slot with { Url = slot.Url.Replace(slot.Id, other.Id, StringComparison.Ordinal) }, photo));
        Assert.Equal(HttpStatusCode.Forbidden, await MediaUpload.PutAsync(
            slot with { Url = slot.Url.Replace("se=", "se=9", StringComparison.Ordinal) }, photo));
        Assert.Equal("pending", (await alice.GetAsync($"/v1/media/{slot.Id}")).Json.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("""{"contentType":"text/html","size":10}""", "$.contentType unsupported_format")]
    [InlineData("""{"contentType":"image/svg+xml","size":10}""", "$.contentType unsupported_format")]
    [InlineData("""{"contentType":"image/jpeg","size":0}""", "$.size out_of_range")]
    [InlineData("""{"contentType":"image/jpeg","size":99999999999}""", "$.size out_of_range")]
    [InlineData("""{"contentType":"image/jpeg","size":10,"sha256":"abc"}""", "$.sha256 invalid_hash")]
    [InlineData("""{"contentType":"image/jpeg","size":10,"name":"x"}""", "$.name unknown_field")]
    [InlineData("""{"contentType":"image/jpeg","size":"10"}""", "$.size wrong_type")]
    public async Task A_malformed_announcement_is_refused(string body, string error)
    {
        using var alice = await backend.NewUserAsync();

        var answer = await alice.PostAsync("/v1/media", body);

        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task Somebody_elses_scope_is_not_found()
    {
        using var alice = await backend.NewUserAsync();
        var body = new JsonObject { ["contentType"] = "image/jpeg", ["size"] = 10, ["scope"] = "user/somebody" }.ToJsonString();

        (await alice.PostAsync("/v1/media", body)).AssertProblem(HttpStatusCode.NotFound, "scope_not_found");
    }

    /// <summary>A PNG whose header promises more than anybody can decode.</summary>
    private static byte[] ForgedPng(int width, int height)
    {
        var header = new byte[17];
        "IHDR"u8.CopyTo(header);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), height);
        (header[12], header[13]) = (8, 2);
        var crc = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32(header));
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. header, .. crc, 0, 0, 0, 0, .. "IDAT"u8, 0x35, 0xAF, 0x06, 0x1E, 0, 0, 0, 0, .. "IEND"u8, 0xAE, 0x42, 0x60, 0x82];
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320u;
            }
        }

        return ~crc;
    }
}
