using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Backend.Media;
using BlobProperties = Backend.Media.BlobProperties;
using ETag = Backend.Records.ETag;

namespace Backend.Azure.Media;

/// <summary>Blobs in Azure Storage. Clients upload straight to it by a shared access signature.</summary>
internal sealed class BlobMediaStore(BlobServiceClient service, UploadSigner signer) : IMediaStore
{
    // Bounds the memory of a write of unknown length: parts of this size, so many at a time.
    private static readonly StorageTransferOptions Transfer = new()
    {
        InitialTransferSize = 4 * 1024 * 1024,
        MaximumTransferSize = 4 * 1024 * 1024,
        MaximumConcurrency = 4,
    };

    public async Task<UploadTarget> CreateUploadAsync(BlobName name, UploadTerms terms, CancellationToken ct)
    {
        if (terms.IsReplacement)
        {
            await ReopenAsync(name, ct);
        }

        var url = await BlobFaults.CallAsync(signer.SignAsync(ClientOf(name), terms.ExpiresAt, ct));
        var headers = new Dictionary<string, string>
        {
            ["x-ms-blob-type"] = "BlockBlob",
            ["Content-Type"] = terms.ContentType,
        };
        return new UploadTarget(url, "PUT", headers, terms.ExpiresAt);
    }

    /// <summary>
    /// A shared access signature cannot be made to work once only. But whoever does not know the lease of a leased blob cannot write
    /// it, and a signature to create and write cannot break a lease either.
    /// </summary>
    public async Task<BlobProperties?> CloseUploadAsync(BlobName name, CancellationToken ct)
    {
        try
        {
            var lease = ClientOf(name).GetBlobLeaseClient();
            await BlobFaults.CallAsync(lease.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: ct));
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseAlreadyPresent)
        {
            // Closed before. Nobody needs to know the lease: it is broken, not used.
        }
        catch (RequestFailedException e) when (BlobFaults.IsMissingBlob(e))
        {
            return null;
        }

        return await FindAsync(name, ct);
    }

    public async Task<BlobProperties?> FindAsync(BlobName name, CancellationToken ct)
    {
        try
        {
            var found = (await BlobFaults.CallAsync(ClientOf(name).GetPropertiesAsync(cancellationToken: ct))).Value;
            return new(TagOf(found.ETag), found.ContentLength, found.ContentType, found.LastModified);
        }
        catch (RequestFailedException e) when (BlobFaults.IsMissingBlob(e))
        {
            return null;
        }
    }

    public async Task<Stream?> OpenReadAsync(BlobName name, BlobRange? range, CancellationToken ct) =>
        (await DownloadAsync(name, range, ct))?.Content;

    public async Task<BlobProperties> WriteAsync(
        BlobName name, Stream content, string contentType, CancellationToken ct)
    {
        var sent = new LastValue();
        var upload = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            TransferOptions = Transfer,
            ProgressHandler = sent,
        };
        var written = (await BlobFaults.CallAsync(ClientOf(name).UploadAsync(content, upload, ct))).Value;
        return new(TagOf(written.ETag), sent.Value, contentType, written.LastModified);
    }

    public async Task DeleteAsync(BlobName name, CancellationToken ct)
    {
        try
        {
            await DeleteOpenAsync(name, ct);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            await ReopenAsync(name, ct);
            await DeleteOpenAsync(name, ct);
        }
    }

    public async Task<BlobPage> ListAsync(BlobPrefix prefix, string? after, int limit, CancellationToken ct)
    {
        var pages = service.GetBlobContainerClient(prefix.Container)
            .GetBlobsAsync(prefix: prefix.Path, cancellationToken: ct)
            .AsPages(after, limit);
        await using var page = pages.GetAsyncEnumerator(ct);
        if (!await BlobFaults.CallAsync(page.MoveNextAsync().AsTask()))
        {
            return new BlobPage([], null);
        }

        var names = new List<BlobName>();
        foreach (var item in page.Current.Values)
        {
            if (BlobName.TryParse($"{prefix.Container}/{item.Name}", out var name))
            {
                names.Add(name);
            }
        }

        return new BlobPage(names, page.Current.ContinuationToken is { Length: > 0 } next ? next : null);
    }

    public async Task<LocalBlob?> OpenFileAsync(BlobName name, CancellationToken ct)
    {
        using var download = await DownloadAsync(name, range: null, ct);
        if (download is null)
        {
            return null;
        }

        var path = Path.Combine(Path.GetTempPath(), $"blob-{Path.GetRandomFileName()}");
        var properties = new BlobProperties(
            TagOf(download.Details.ETag),
            download.Details.ContentLength,
            download.Details.ContentType,
            download.Details.LastModified);
        var copy = new LocalBlob(path, properties, isCopy: true);
        try
        {
            await using var file = File.Open(path, NewPrivateFile());
            await download.Content.CopyToAsync(file, ct);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public async Task CheckAsync(CancellationToken ct)
    {
        foreach (var container in Containers())
        {
            await BlobFaults.CallAsync(container.GetPropertiesAsync(cancellationToken: ct));
        }
    }

    public async Task EnsureCreatedAsync(CancellationToken ct)
    {
        foreach (var container in Containers())
        {
            await BlobFaults.CallAsync(container.CreateIfNotExistsAsync(cancellationToken: ct));
        }
    }

    private async Task ReopenAsync(BlobName name, CancellationToken ct)
    {
        try
        {
            await BlobFaults.CallAsync(ClientOf(name).GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: ct));
        }
        catch (RequestFailedException e) when (
            e.ErrorCode == BlobErrorCode.LeaseNotPresentWithLeaseOperation || BlobFaults.IsMissingBlob(e))
        {
            // It is open.
        }
    }

    private Task<Response<bool>> DeleteOpenAsync(BlobName name, CancellationToken ct) =>
        BlobFaults.CallAsync(ClientOf(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, ct));

    private async Task<BlobDownloadStreamingResult?> DownloadAsync(
        BlobName name, Backend.Media.BlobRange? range, CancellationToken ct)
    {
        var wanted = new BlobDownloadOptions
        {
            Range = range is { } part ? new HttpRange(part.Offset, part.Length) : default,
        };
        try
        {
            return (await BlobFaults.CallAsync(ClientOf(name).DownloadStreamingAsync(wanted, ct))).Value;
        }
        catch (RequestFailedException e) when (BlobFaults.IsMissingBlob(e))
        {
            return null;
        }
    }

    private IEnumerable<BlobContainerClient> Containers() =>
        [service.GetBlobContainerClient(BlobName.Uploads), service.GetBlobContainerClient(BlobName.Renditions)];

    private BlobClient ClientOf(BlobName name) =>
        service.GetBlobContainerClient(name.Container).GetBlobClient(name.Path);

    private static ETag TagOf(global::Azure.ETag tag) => new(tag.ToString().Trim('"'));

    private static FileStreamOptions NewPrivateFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>How many bytes went out. <see cref="Progress{T}"/> would tell later, on another thread.</summary>
    private sealed class LastValue : IProgress<long>
    {
        private long _value;

        public long Value => Volatile.Read(ref _value);

        public void Report(long value) => Volatile.Write(ref _value, value);
    }
}
