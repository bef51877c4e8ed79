using System.Text.Json;

namespace Backend.Http;

/// <summary>
/// Reads members of a JSON object by hand, where the serializer would parse again what is parsed already. A value of another type
/// becomes an error that names its place; null is as good as absent.
/// </summary>
/// <param name="path">The JSON path of the object.</param>
/// <param name="errors">Where errors go.</param>
internal readonly struct JsonMembers(string path, List<FieldError> errors)
{
    public string? Text(JsonProperty member) => member.Value.ValueKind is JsonValueKind.String
        ? member.Value.GetString()
        : Absent<string?>(member, null);

    /// <summary>Of what null cannot stand for; empty when it is wrong.</summary>
    public string RequiredText(JsonProperty member) => member.Value.ValueKind is JsonValueKind.String
        ? member.Value.GetString() ?? ""
        : Wrong(member, "");

    public int? Number(JsonProperty member) => member.Value.ValueKind is JsonValueKind.Number && member.Value.TryGetInt32(out var number)
        ? number
        : Absent<int?>(member, null);

    public bool Flag(JsonProperty member) => member.Value.ValueKind is JsonValueKind.True
        || (member.Value.ValueKind is not JsonValueKind.False && Absent(member, false));

    public DateTimeOffset? Time(JsonProperty member) =>
        member.Value.ValueKind is JsonValueKind.String && member.Value.TryGetDateTimeOffset(out var time)
            ? time
            : Absent<DateTimeOffset?>(member, null);

    /// <summary>What <paramref name="read"/> makes of an array's elements and their places; null when there is no array.</summary>
    public List<T>? Elements<T>(JsonProperty member, Func<JsonElement, int, T> read)
    {
        if (member.Value.ValueKind is not JsonValueKind.Array)
        {
            return Absent<List<T>?>(member, null);
        }

        var elements = new List<T>(member.Value.GetArrayLength());
        foreach (var element in member.Value.EnumerateArray())
        {
            elements.Add(read(element, elements.Count));
        }

        return elements;
    }

    public void Unknown(JsonProperty member) => Error($".{member.Name}", "unknown_field", "There is no such field.");

    public void Error(string place, string code, string message) => errors.Add(new FieldError(path + place, code, message));

    private T Absent<T>(JsonProperty member, T nothing) => member.Value.ValueKind is JsonValueKind.Null ? nothing : Wrong(member, nothing);

    private T Wrong<T>(JsonProperty member, T nothing)
    {
        Error($".{member.Name}", "wrong_type", "The value is of the wrong type.");
        return nothing;
    }
}
