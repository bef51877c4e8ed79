using System.Buffers;
using System.Text;
using System.Text.Json;
using Backend.Http;
using Backend.Model;
using Backend.Rules;

namespace Backend.Records;

/// <summary>
/// Which parts of a record are answered: those that a request names in <c>fields</c>. Copies them out of the record's
/// UTF-8 without building anything from it. Immutable.
/// </summary>
internal sealed class Projection
{
    private const string Parameter = "fields";

    /// <summary>The longest text, in characters.</summary>
    private const int MaxLength = 4_000;

    /// <summary>The most names in one text.</summary>
    private const int MaxNames = 64;

    /// <summary>Written whatever is asked for: without them a client can neither keep a record nor change it.</summary>
    private static readonly string[] Always = ["id", "etag"];

    /// <summary>As deep as the settings let a record be, and some more.</summary>
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 1_000 };

    private readonly HashSet<string> _reserved;
    private readonly Part[] _parts;

    private Projection(HashSet<string> reserved, IEnumerable<Part> parts)
    {
        _reserved = reserved;
        _parts = [.. parts];
    }

    /// <summary>Reads the parameter <c>fields</c>; null when it is not there, for everything.</summary>
    public static Projection? Read(CollectionModel collection, string? text, List<FieldError> errors)
    {
        if (text is null)
        {
            return null;
        }

        var reserved = new HashSet<string>(Always, StringComparer.Ordinal);
        var root = new Part("");
        if (FindFault(collection, text, reserved, root) is { } fault)
        {
            errors.Add(new FieldError(Parameter, "invalid_fields", fault.ToString()));
            return null;
        }

        return new Projection(reserved, root.Members ?? []);
    }

    /// <summary>Whether a name is answered that every record has.</summary>
    public bool Includes(string reserved) => _reserved.Contains(reserved);

    /// <summary>Writes the members of a record's fields that are asked for, each with a comma before it.</summary>
    public void WriteFields(IBufferWriter<byte> output, ReadOnlySpan<byte> fields) =>
        WriteMembers(output, fields, _parts, isFirst: false);

    private static void WriteMembers(
        IBufferWriter<byte> output, ReadOnlySpan<byte> json, IReadOnlyList<Part> parts, bool isFirst)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var part = Find(parts, ref reader);
            var name = json.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2); // with its quotes
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = json[start..(int)reader.BytesConsumed];
            if (part is null || (part.Members is not null && value[0] is not (byte)'{'))
            {
                continue;
            }

            output.Write(isFirst ? ""u8 : ","u8);
            output.Write(name);
            output.Write(":"u8);
            isFirst = false;
            if (part.Members is { } members)
            {
                output.Write("{"u8);
                WriteMembers(output, value, members, isFirst: true);
                output.Write("}"u8);
            }
            else
            {
                output.Write(value);
            }
        }
    }

    private static Part? Find(IReadOnlyList<Part> parts, ref Utf8JsonReader reader)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (reader.ValueTextEquals(parts[i].Utf8))
            {
                return parts[i];
            }
        }

        return null;
    }

    private static RuleError? FindFault(CollectionModel collection, string text, HashSet<string> reserved, Part root)
    {
        if (text.Length > MaxLength)
        {
            return new RuleError($"the list is longer than {MaxLength} characters", MaxLength, 0);
        }

        var (position, count) = (0, 0);
        foreach (var path in text.Split(','))
        {
            if (++count > MaxNames)
            {
                return new RuleError($"there are more than {MaxNames} names", position, 0);
            }

            var names = path.Split('.');
            if (FindFault(collection, names) is { } fault)
            {
                return new RuleError(fault, position, path.Length);
            }

            if (ModelNames.ReservedInRecords.Contains(names[0]))
            {
                reserved.Add(names[0]);
            }
            else
            {
                root.Add(names);
            }

            position += path.Length + 1;
        }

        return null;
    }

    private static string? FindFault(CollectionModel collection, string[] names)
    {
        if (names.Length > RuleLimits.MaxPathLength)
        {
            return $"a path has at most {RuleLimits.MaxPathLength} names";
        }

        if (names.Any(name => name.Length == 0))
        {
            return "expected a name";
        }

        if (collection.Fields.TryGetValue(names[0], out var field))
        {
            return names.Length == 1 || field.Type is FieldType.Json ? null : $"{field.Name} is no json field and has no parts";
        }

        return names[0] is "collection" or "expanded" || !ModelNames.ReservedInRecords.Contains(names[0])
            ? $"{collection.Name} has no field '{names[0]}'"
            : names.Length == 1 ? null : $"{names[0]} has no parts";
    }

    /// <summary>A name with what is asked for within its value.</summary>
    private sealed class Part(string name)
    {
        private bool _isWhole;

        public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(name);

        /// <summary>Null for the whole value.</summary>
        public List<Part>? Members { get; private set; }

        public void Add(ReadOnlySpan<string> path)
        {
            if (path.IsEmpty)
            {
                (_isWhole, Members) = (true, null); // the whole has its parts
                return;
            }

            if (_isWhole)
            {
                return;
            }

            var utf8 = Encoding.UTF8.GetBytes(path[0]);
            Members ??= [];
            var member = Members.Find(other => other.Utf8.AsSpan().SequenceEqual(utf8));
            if (member is null)
            {
                member = new Part(path[0]);
                Members.Add(member);
            }

            member.Add(path[1..]);
        }
    }
}
