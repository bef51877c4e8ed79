using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Backend.Model;

/// <summary>Reads one field of a collection and checks that its options make sense for its type.</summary>
internal static class FieldReader
{
    private static readonly FrozenDictionary<string, FieldType> Types = new Dictionary<string, FieldType>
    {
        ["string"] = FieldType.String,
        ["integer"] = FieldType.Integer,
        ["number"] = FieldType.Number,
        ["boolean"] = FieldType.Boolean,
        ["timestamp"] = FieldType.Timestamp,
        ["json"] = FieldType.Json,
        ["reference"] = FieldType.Reference,
        ["media"] = FieldType.Media,
        ["counter"] = FieldType.Counter,
        ["set"] = FieldType.Set,
    }.ToFrozenDictionary();

    /// <summary>Options that only some types have.</summary>
    private static readonly FrozenDictionary<string, FieldType[]> TypesOfOptions = new Dictionary<string, FieldType[]>
    {
        ["min"] = [FieldType.Integer, FieldType.Number, FieldType.Counter],
        ["max"] = [FieldType.Integer, FieldType.Number, FieldType.Counter],
        ["maxLength"] = [FieldType.String, FieldType.Set, FieldType.Json],
        ["maxItems"] = [FieldType.Set],
        ["pattern"] = [FieldType.String],
        ["enum"] = [FieldType.String],
        ["collection"] = [FieldType.Reference],
        ["indexed"] = IndexReader.Types,
        ["checked"] = [FieldType.Reference, FieldType.Media],
    }.ToFrozenDictionary();

    public static FieldModel Read(string name, JsonNodeReader reader)
    {
        if (reader.Any("type") is null)
        {
            reader.Error("type", $"missing; expected one of {string.Join(", ", Types.Keys)}");
        }

        var type = reader.Choice("type", Types);
        var field = new FieldModel
        {
            Name = name,
            Type = type ?? FieldType.Json,
            Description = reader.OptionalString("description"),
            Required = reader.Flag("required"),
            Immutable = reader.Flag("immutable"),
            ServerOnly = reader.Flag("serverOnly"),
            Indexed = reader.Flag("indexed"),
            Default = reader.Any("default"),
            Min = reader.OptionalNumber("min"),
            Max = reader.OptionalNumber("max"),
            MaxLength = reader.OptionalCount("maxLength"),
            MaxItems = reader.OptionalCount("maxItems"),
            Pattern = ReadPattern(reader),
            Enum = ReadEnum(reader),
            Collection = reader.OptionalString("collection"),
            Checked = reader.Flag("checked"),
            Encrypted = reader.Flag("encrypted"),
        };
        reader.RejectUnknown();
        if (type is not null)
        {
            CheckOptions(field, reader);
        }

        return field;
    }

    private static void CheckOptions(FieldModel field, JsonNodeReader reader)
    {
        foreach (var (option, types) in TypesOfOptions)
        {
            if (reader.Any(option) is not null && !types.Contains(field.Type))
            {
                reader.Error(option, $"a field of type {NameOf(field.Type)} has no such option");
            }
        }

        if (field.Type is FieldType.Reference && field.Collection is null)
        {
            reader.Error("collection", "missing: the collection that the reference points to");
        }

        if (field.Min > field.Max)
        {
            reader.Error("min", "is larger than max");
        }

        if (field.Required && field.ServerOnly && field.Default is null)
        {
            reader.Error("required", "clients cannot send a serverOnly field, so a required one needs a default");
        }

        if (field.Default is { } value && FieldChecks.Find(field, value) is { } problem)
        {
            reader.Error("default", problem.Message);
        }
    }

    public static FieldType TypeOf(string name) => Types[name];

    public static string NameOf(FieldType type) => Types.First(pair => pair.Value == type).Key;

    /// <summary>
    /// Patterns run on the engine that cannot backtrack: time is linear in the value's length whatever the pattern.
    /// </summary>
    private static Regex? ReadPattern(JsonNodeReader reader)
    {
        if (reader.OptionalString("pattern") is not { } pattern)
        {
            return null;
        }

        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            reader.Error("pattern", exception.Message);
            return null;
        }
    }

    private static List<string>? ReadEnum(JsonNodeReader reader)
    {
        if (reader.Read("enum", JsonValueKind.Array) is not { } array)
        {
            return null;
        }

        var values = array.EnumerateArray()
            .Where(value => value.ValueKind is JsonValueKind.String)
            .Select(value => value.GetString() ?? "")
            .ToList();
        if (values.Count == 0 || values.Count != array.GetArrayLength())
        {
            reader.Error("enum", "expected one or more strings");
        }

        return values;
    }
}
