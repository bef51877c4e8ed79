using System.Collections.Frozen;
using System.Text;

namespace Backend.Model.History;

/// <summary>What is known about the model beside its files, from the moment that the host starts.</summary>
internal sealed class ModelHistory
{
    private volatile State? _state;

    public StoredShape Shape => Current.Shape;

    /// <summary>Whether any collection has lost a field that records may still hold.</summary>
    public bool HasRemovedFields => Current.Removed.Count > 0;

    /// <summary>Whether records may hold encrypted values anywhere.</summary>
    public bool HasEncryptedFields => Current.Encrypted.Count > 0;

    private State Current => _state ?? throw new InvalidOperationException("The model is established when the host starts");

    public void Establish(StoredShape shape, AppModel model) => _state = new State(
        shape,
        Select(shape, static field => field.Value.Removed is not null, static (_, field) => Encoding.UTF8.GetBytes(field.Key)),
        Select(shape, static field => field.Value is { Encrypted: true, Removed: null }, (collection, field) =>
            new EncryptedField(model.Collections[collection].Fields[field.Key])));

    /// <summary>Names of fields that the model had and has no more; null when the collection has none.</summary>
    public byte[][]? RemovedFieldsOf(string collection) => Current.Removed.GetValueOrDefault(collection);

    /// <summary>Fields whose stored values may be encrypted; null when the collection has none.</summary>
    public EncryptedField[]? EncryptedFieldsOf(string collection) => Current.Encrypted.GetValueOrDefault(collection);

    private static FrozenDictionary<string, T[]> Select<T>(
        StoredShape shape, Func<KeyValuePair<string, FieldShape>, bool> which, Func<string, KeyValuePair<string, FieldShape>, T> read) =>
        shape.Collections.Where(static collection => collection.Value.Removed is null)
            .Select(collection => KeyValuePair.Create(
                collection.Key, collection.Value.Fields.Where(which).Select(field => read(collection.Key, field)).ToArray()))
            .Where(static collection => collection.Value.Length > 0)
            .ToFrozenDictionary(StringComparer.Ordinal);

    private sealed record State(
        StoredShape Shape, FrozenDictionary<string, byte[][]> Removed, FrozenDictionary<string, EncryptedField[]> Encrypted);
}

/// <summary>A field that is, or once was, encrypted.</summary>
internal sealed class EncryptedField(FieldModel field)
{
    public string Name { get; } = field.Name;

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(field.Name);

    /// <summary>Whether new values are encrypted.</summary>
    public bool IsEncrypted { get; } = field.Encrypted;

    public bool IsSet { get; } = field.Type is FieldType.Set;

    public bool IsJson { get; } = field.Type is FieldType.Json;
}
