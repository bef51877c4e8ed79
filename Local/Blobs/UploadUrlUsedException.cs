namespace Local.Blobs;

/// <summary>An upload has arrived by this URL, which is good for one.</summary>
internal sealed class UploadUrlUsedException() : Exception("The upload URL has been used");
