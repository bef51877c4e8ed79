using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Model.History;

/// <summary>What clients see of the model: what records look like, not who may do what with them.</summary>
/// <param name="Version">Grows by one with every change of what is in here.</param>
/// <param name="Hash">Equal for equal collections, 16 hex digits.</param>
/// <param name="Collections">The collections by name.</param>
internal sealed record ModelView(int Version, string Hash, SortedDictionary<string, CollectionView> Collections)
{
    public static ModelView Of(AppModel model, StoredShape shape) => new(shape.Version, shape.Hash, CollectionsOf(model));

    public static string HashOf(AppModel model) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        CollectionsOf(model), ModelJsonContext.Default.SortedDictionaryStringCollectionView)))[..16];

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, ModelJsonContext.Default.ModelView);

    private static SortedDictionary<string, CollectionView> CollectionsOf(AppModel model) =>
        Sorted(model.Collections.Values, static collection => collection.Name, static collection =>
            new CollectionView(collection.ScopeNames(), Sorted(collection.Fields.Values, static field => field.Name, FieldView.Of)));

    /// <summary>Sorted, so that equal models are equal texts.</summary>
    private static SortedDictionary<string, TView> Sorted<T, TView>(IEnumerable<T> items, Func<T, string> name, Func<T, TView> view)
    {
        var sorted = new SortedDictionary<string, TView>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            sorted[name(item)] = view(item);
        }

        return sorted;
    }
}

/// <param name="Scope">The kinds of scopes that records live in.</param>
/// <param name="Fields">The fields by name.</param>
internal sealed record CollectionView(IReadOnlyList<string> Scope, SortedDictionary<string, FieldView> Fields);

/// <summary>A field, with those of its options that are not the default.</summary>
internal sealed record FieldView
{
    public required string Type { get; init; }

    /// <summary>What a reference points to.</summary>
    public string? Collection { get; init; }

    public bool Required { get; init; }

    public bool Immutable { get; init; }

    public bool ServerOnly { get; init; }

    public JsonElement? Default { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public int? MaxLength { get; init; }

    public int? MaxItems { get; init; }

    public string? Pattern { get; init; }

    public IReadOnlyList<string>? Enum { get; init; }

    public static FieldView Of(FieldModel field) => new()
    {
        Type = FieldReader.NameOf(field.Type),
        Collection = field.Collection,
        Required = field.Required,
        Immutable = field.Immutable,
        ServerOnly = field.ServerOnly,
        Default = field.Default,
        Min = field.Min,
        Max = field.Max,
        MaxLength = field.MaxLength,
        MaxItems = field.MaxItems,
        Pattern = field.Pattern?.ToString(),
        Enum = field.Enum,
    };
}

[JsonSerializable(typeof(ModelView))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class ModelJsonContext : JsonSerializerContext;
