namespace Backend.Model;

/// <param name="File">The file's name within the model folder; empty for the folder itself.</param>
/// <param name="Path">The JSON path within the file, for example <c>$.fields.title.maxLength</c>.</param>
/// <param name="Reason">What is wrong, for the person who wrote the file.</param>
public sealed record ModelError(string File, string Path, string Reason)
{
    public override string ToString() => $"{File} {Path}: {Reason}".TrimStart();
}

/// <summary>The model cannot be used; every error that was found.</summary>
public sealed class ModelException(IReadOnlyList<ModelError> errors, string summary = "The model has errors:")
    : Exception(summary + "\n" + string.Join('\n', errors.Select(error => $"  {error}")))
{
    public IReadOnlyList<ModelError> Errors { get; } = errors;
}
