using System.Text.Json;

namespace Backend.Spaces;

/// <summary>Looks a member up in a space's fields without parsing them: every request into a space asks for one.</summary>
internal static class SpaceMembers
{
    /// <param name="fields">The fields of a space's record: <c>{"members":{"alice":{"role":"owner"}}}</c>.</param>
    /// <param name="user">The user's id.</param>
    /// <returns>The role; null when the user is no member.</returns>
    public static string? FindRole(ReadOnlySpan<byte> fields, string user)
    {
        var reader = new Utf8JsonReader(fields);
        return reader.Read() && FindMember(ref reader, "members") && FindMember(ref reader, user) && FindMember(ref reader, "role")
            ? reader.GetString()
            : null;
    }

    /// <summary>Moves from an object's brace to the value of one of its members; false when it has none such.</summary>
    private static bool FindMember(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                return reader.Read();
            }

            reader.Skip();
        }

        return false;
    }
}
