using Backend.Records;

namespace Backend.Media;

/// <summary>Opens the upload that an orchestration was started for.</summary>
internal sealed class UploadedFile(IMediaStore store)
{
    /// <summary>Null when the upload was deleted or replaced by a later one, which has an orchestration of its own.</summary>
    public async Task<LocalBlob?> OpenAsync(ProcessImageInput input, CancellationToken ct)
    {
        var (scope, id) = Parse(input);
        var file = await store.OpenFileAsync(BlobName.ForUpload(scope, id), ct);
        if (file is null || file.Properties.ETag.Value == input.UploadETag)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    public static (Scope Scope, RecordId Id) Parse(ProcessImageInput input) => Parse(input.Scope, input.MediaId);

    public static (Scope Scope, RecordId Id) Parse(string scope, string media) =>
        Scope.TryParse(scope, out var parsed) && RecordId.TryParse(media, out var id)
            ? (parsed, id)
            : throw new InvalidDataException($"{scope}/{media} is no media record's address");
}
