using System.Text.Json;

namespace Backend.Model;

/// <summary>
/// An object of a model file, read property by property. Wrong types, missing and unknown properties become errors at
/// their JSON path, and reading goes on, so that one start reports all of them.
/// </summary>
internal sealed class JsonNodeReader(JsonElement element, string path, string file, List<ModelError> errors)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { "$schema" };

    public void Error(string property, string reason) => errors.Add(new ModelError(file, PathOf(property), reason));

    public string? OptionalString(string property) => Read(property, JsonValueKind.String)?.GetString();

    public bool Flag(string property)
    {
        if (!Find(property, out var value))
        {
            return false;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Error(property, "expected true or false");
        return false;
    }

    public decimal? OptionalNumber(string property)
    {
        if (Read(property, JsonValueKind.Number) is not { } value)
        {
            return null;
        }

        if (value.TryGetDecimal(out var number))
        {
            return number;
        }

        Error(property, "the number is out of range");
        return null;
    }

    public int? OptionalCount(string property, int max = int.MaxValue)
    {
        if (Read(property, JsonValueKind.Number) is not { } value)
        {
            return null;
        }

        if (value.TryGetInt32(out var number) && number >= 1 && number <= max)
        {
            return number;
        }

        Error(property, $"expected a whole number from 1 to {max}");
        return null;
    }

    public T? Choice<T>(string property, IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        if (OptionalString(property) is not { } text)
        {
            return null;
        }

        if (choices.TryGetValue(text, out var choice))
        {
            return choice;
        }

        Error(property, $"'{text}' is none of {string.Join(", ", choices.Keys)}");
        return null;
    }

    public JsonElement? Any(string property) => Find(property, out var value) ? value : null;

    public JsonElement? Read(string property, JsonValueKind kind)
    {
        if (!Find(property, out var value))
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

#pragma warning disable CA1308 // JSON's own names of its types are in lower case
        Error(property, $"expected {kind.ToString().ToLowerInvariant()}");
#pragma warning restore CA1308
        return null;
    }

    /// <summary>The members of an object property, each with a reader of its own.</summary>
    public IEnumerable<(string Name, JsonNodeReader Reader)> Members(string property)
    {
        if (Read(property, JsonValueKind.Object) is not { } value)
        {
            yield break;
        }

        foreach (var member in value.EnumerateObject())
        {
            var memberPath = $"{PathOf(property)}.{member.Name}";
            if (member.Value.ValueKind is JsonValueKind.Object)
            {
                yield return (member.Name, new JsonNodeReader(member.Value, memberPath, file, errors));
            }
            else
            {
                errors.Add(new ModelError(file, memberPath, "expected object"));
            }
        }
    }

    public JsonNodeReader? Object(string property) =>
        Read(property, JsonValueKind.Object) is { } value
            ? new JsonNodeReader(value, PathOf(property), file, errors)
            : null;

    /// <summary>Reports every property that nobody asked for; called last.</summary>
    public void RejectUnknown()
    {
        foreach (var property in element.EnumerateObject().Where(property => !_known.Contains(property.Name)))
        {
            Error(property.Name, $"unknown property; known are {string.Join(", ", _known.Where(name => name[0] != '$'))}");
        }
    }

    private bool Find(string property, out JsonElement value)
    {
        _known.Add(property);
        return element.TryGetProperty(property, out value);
    }

    private string PathOf(string property) => property.Length == 0 ? path : $"{path}.{property}";
}
