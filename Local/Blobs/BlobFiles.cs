using System.Security.Cryptography;

namespace Local.Blobs;

/// <summary>The blobs' contents: files with random names that are written once and never changed.</summary>
internal sealed class BlobFiles
{
    private const int BufferSize = 128 * 1024;

    private readonly string _folder;

    public BlobFiles(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Writes a file and flushes it to disk, so that a row never points at bytes that a power cut can take.</summary>
    /// <exception cref="BlobTooLargeException">The content has more than <paramref name="maxBytes"/> bytes.</exception>
    public async Task<BlobFile> WriteAsync(Stream content, long maxBytes, CancellationToken ct)
    {
        // 256 folders keep each of them small enough to list.
        var name = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var file = Path.Combine(name[..2], name);
        Directory.CreateDirectory(Path.Combine(_folder, name[..2]));
        try
        {
            await using var output = new FileStream(PathOf(file), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            });
            using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            var buffer = new byte[BufferSize];
            int read;
            while ((read = await content.ReadAsync(buffer, ct)) > 0)
            {
                if (output.Position + read > maxBytes)
                {
                    throw new BlobTooLargeException(maxBytes);
                }

                md5.AppendData(buffer, 0, read);
                await output.WriteAsync(buffer.AsMemory(0, read), ct);
            }

            output.Flush(flushToDisk: true);
            return new BlobFile(file, output.Length, md5.GetHashAndReset());
        }
        catch
        {
            Delete(file);
            throw;
        }
    }

    public void Delete(string file) => File.Delete(PathOf(file));

    /// <summary>Every file, for finding those that a crash left without a row.</summary>
    public IEnumerable<string> List() => Directory
        .EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_folder, path));
}

/// <param name="Name">Relative to the blobs folder.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Md5">Of the content, for Content-MD5; the blob protocol has no other.</param>
internal sealed record BlobFile(string Name, long Length, byte[] Md5);

internal sealed class BlobTooLargeException(long maxBytes) : IOException($"The content is larger than {maxBytes} bytes");
