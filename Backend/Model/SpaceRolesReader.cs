using System.Text.Json;
using System.Text.RegularExpressions;
using Backend.Spaces;

namespace Backend.Model;

/// <summary>Reads <c>spaces.json</c>: the roles beside the built-in ones, and who may invite people to which.</summary>
internal static partial class SpaceRolesReader
{
    public static SpaceRoles Read(JsonNodeReader root)
    {
        var declared = new Dictionary<string, JsonNodeReader>(StringComparer.Ordinal);
        foreach (var (name, reader) in root.Members("roles"))
        {
            if (!NamePattern().IsMatch(name))
            {
                reader.Error("", "a role's name has 1 to 32 letters, digits, hyphens and underscores and starts with a small letter");
            }
            else if (name == SpaceRoles.Owner)
            {
                reader.Error("", "an owner may do everything; nothing can be said about that role");
            }
            else
            {
                declared[name] = reader;
            }
        }

        root.RejectUnknown();
        string[] names = [.. SpaceRoles.BuiltIn.Names.Union(declared.Keys, StringComparer.Ordinal)];
        return new SpaceRoles([.. declared.Select(role => ReadRole(role.Key, role.Value, names))]);
    }

    private static SpaceRole ReadRole(string name, JsonNodeReader reader, string[] names)
    {
        var role = new SpaceRole(name, reader.OptionalString("description"), ReadMayInvite(reader, names));
        reader.RejectUnknown();
        return role;
    }

    /// <summary>True for all roles but the owner's, or a list of roles.</summary>
    private static string[] ReadMayInvite(JsonNodeReader reader, string[] names)
    {
        string[] givable = [.. names.Where(role => role != SpaceRoles.Owner)];
        switch (reader.Any("mayInvite"))
        {
            case null or { ValueKind: JsonValueKind.False }:
                return [];
            case { ValueKind: JsonValueKind.True }:
                return givable;
            case { ValueKind: JsonValueKind.Array } list:
                foreach (var item in list.EnumerateArray())
                {
                    if (item.ValueKind is not JsonValueKind.String || !givable.Contains(item.GetString(), StringComparer.Ordinal))
                    {
                        reader.Error("mayInvite", $"'{item}' is none of {string.Join(", ", givable)}; only owners invite owners");
                    }
                }

                return [.. list.EnumerateArray().Select(item => item.ToString())];
            default:
                reader.Error("mayInvite", "expected true, false or a list of roles");
                return [];
        }
    }

    [GeneratedRegex(@"^[a-z][a-zA-Z0-9_-]{0,31}\z")]
    private static partial Regex NamePattern();
}
