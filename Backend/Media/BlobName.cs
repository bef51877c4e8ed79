using System.Diagnostics.CodeAnalysis;
using Backend.Records;

namespace Backend.Media;

/// <summary>
/// Where a blob lies: a container and a path in it. Uploads and renditions are separate containers, so that writing a
/// rendition never looks like an upload.
/// </summary>
public readonly record struct BlobName
{
    public const string Uploads = "uploads";
    public const string Renditions = "renditions";

    /// <summary>No kind of a scope: beside these are media.</summary>
    private const string Batches = "batches";

    private BlobName(string container, string path)
    {
        Container = container;
        Path = path;
    }

    /// <summary><c>uploads</c> or <c>renditions</c>.</summary>
    public string Container { get; }

    /// <summary>
    /// <c>{scope kind}/{scope name}/{media id}[/{file}]</c>, or <c>batches/{user}/{batch id}[/{file}]</c>. The scope's name is percent-encoded, so the path has only
    /// characters that are safe in a URL and in a file's name.
    /// </summary>
    public string Path { get; }

    public static BlobName ForUpload(Scope scope, RecordId media) => new(Uploads, $"{Prefix(scope)}/{media}");

    /// <param name="scope">The scope of the media record.</param>
    /// <param name="media">The media record.</param>
    /// <param name="version">Which upload it was made from: its content hash, so a URL never changes its content.</param>
    /// <param name="preset">The preset that it follows.</param>
    public static BlobName ForRendition(Scope scope, RecordId media, string version, string preset) =>
        new(Renditions, $"{Prefix(scope)}/{media}/{version}-{preset}");

    /// <summary>The file of a batch of mutations.</summary>
    public static BlobName ForBatch(string user, RecordId batch) => new(Uploads, $"{Batches}/{EncodeName(user)}/{batch}");

    /// <summary>What became of the mutations of a batch, line by line: a part of it, or all.</summary>
    /// <param name="user">Whose batch it is.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="part">Which part, from 0; null for all.</param>
    public static BlobName ForBatchResults(string user, RecordId batch, int? part = null) => new(
        Renditions, $"{Batches}/{EncodeName(user)}/{batch}/{(part is { } number ? $"{number:D6}" : "results")}");

    /// <summary>Everything that tells of one batch.</summary>
    public static BlobPrefix ResultsOfBatch(string user, RecordId batch) => new(Renditions, $"{Batches}/{EncodeName(user)}/{batch}/");

    /// <summary>Reads the name of a batch's file back.</summary>
    public static bool TryParseBatch([NotNullWhen(true)] string? path, [NotNullWhen(true)] out string? user, out RecordId batch)
    {
        (user, batch) = (null, default);
        if (path?.Split('/') is [Batches, var name, var id] && RecordId.TryParse(id, out batch))
        {
            user = Uri.UnescapeDataString(name);
        }

        return user is not null;
    }

    /// <summary>Everything that was made of one media record, of all its versions.</summary>
    public static BlobPrefix RenditionsOf(Scope scope, RecordId media) => new(Renditions, $"{Prefix(scope)}/{media}/");

    /// <summary>Every upload there is.</summary>
    public static BlobPrefix AllUploads => new(Uploads, "");

    /// <summary>Every upload of one scope.</summary>
    public static BlobPrefix UploadsOf(Scope scope) => new(Uploads, $"{Prefix(scope)}/");

    /// <summary>Reads <c>container/path</c> back.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out BlobName name)
    {
        name = text?.Split('/', 2) is [Uploads or Renditions, { Length: > 0 } path]
            ? new BlobName(text[..text.IndexOf('/', StringComparison.Ordinal)], path)
            : default;
        return name.Path is not null;
    }

    /// <summary>Reads an upload's name back, as blob triggers and change events state it.</summary>
    public static bool TryParseUpload([NotNullWhen(true)] string? path, out Scope scope, out RecordId media)
    {
        scope = default;
        media = default;
        return path?.Split('/') is [var kind, var name, var id]
            && Scope.TryParse($"{kind}/{Uri.UnescapeDataString(name)}", out scope)
            && RecordId.TryParse(id, out media);
    }

    public override string ToString() => $"{Container}/{Path}";

    private static string Prefix(Scope scope) =>
        $"{scope.Value[..scope.Value.IndexOf('/', StringComparison.Ordinal)]}/{EncodeName(scope.Name)}";

    /// <summary>Percent-encoding that also covers dots, so that no path segment is ever "." or "..".</summary>
    private static string EncodeName(string name) =>
        Uri.EscapeDataString(name).Replace(".", "%2E", StringComparison.Ordinal);
}
