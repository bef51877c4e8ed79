using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Model.History;

/// <summary>
/// What a model has been so far, as the record store keeps it: all that there ever was, so that a field which comes back
/// is known again. Compared with the model at every start.
/// </summary>
internal sealed record StoredShape
{
    /// <summary>Grows by one with every change that clients can see.</summary>
    public required int Version { get; init; }

    /// <summary>Of the last version, as <see cref="ModelView.Hash"/> has it.</summary>
    public required string Hash { get; init; }

    public required SortedDictionary<string, CollectionShape> Collections { get; init; }

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, ShapeJsonContext.Default.StoredShape);

    public static StoredShape Parse(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, ShapeJsonContext.Default.StoredShape)
            ?? throw new InvalidDataException("The model's history is empty");
}

internal sealed record CollectionShape
{
    /// <summary>The kinds of scopes that records may be in.</summary>
    public required IReadOnlyList<string> Scope { get; init; }

    /// <summary>The version that had it first.</summary>
    public required int Since { get; init; }

    /// <summary>The version that had it no more; null while the model has it.</summary>
    public int? Removed { get; init; }

    public required SortedDictionary<string, FieldShape> Fields { get; init; }
}

internal sealed record FieldShape
{
    /// <summary>Every stored value is one of this type.</summary>
    public required string Type { get; init; }

    /// <summary>What a reference points to.</summary>
    public string? Collection { get; init; }

    public required int Since { get; init; }

    /// <inheritdoc cref="CollectionShape.Removed"/>
    public int? Removed { get; init; }

    /// <summary>Whether it was ever encrypted: then stored values may be, whatever the model says today.</summary>
    public bool Encrypted { get; init; }
}

[JsonSerializable(typeof(StoredShape))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class ShapeJsonContext : JsonSerializerContext;
