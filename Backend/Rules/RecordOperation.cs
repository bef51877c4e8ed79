using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Rules;

[JsonConverter(typeof(RecordOperationConverter))]
public enum RecordOperation
{
    Read,
    Create,
    Update,
    Delete,
}

/// <summary>Operations by the names that the model has for them, and no numbers.</summary>
internal sealed class RecordOperationConverter()
    : JsonStringEnumConverter<RecordOperation>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
