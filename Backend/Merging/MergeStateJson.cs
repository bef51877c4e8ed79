using System.Text.Json;
using Backend.Http;
using Backend.Records;

namespace Backend.Merging;

/// <summary>
/// The state as it is stored beside the record, short because it is stored with every record:
/// <c>{"v":version,"b":[time,writer,version],"d":[writer,version,…],"f":{field:[time,writer]},
/// "s":{set:{element:[writer,version,…]}},"w":{writer:[seq,stamp,version]}}</c>. What is missing is empty, a missing
/// birth is that of a record which the server created. Timestamps are text: Cosmos DB and JavaScript round integers of 64 bits.
/// </summary>
internal static class MergeStateJson
{
    public static ReadOnlyMemory<byte> Write(MergeState state, StoredRecord record) =>
        JsonText.WriteUtf8((state, record), static (what, json) => Write(json, what.state, what.record));

    private static void Write(Utf8JsonWriter json, MergeState state, StoredRecord record)
    {
        json.WriteStartObject();
        json.WritePropertyName("v"u8);
        Write(json, state.Version);
        if (!IsImplied(state, record))
        {
            json.WriteStartArray("b"u8);
            Write(json, state.Birth);
            Write(json, state.BirthVersion);
            json.WriteEndArray();
        }

        if (state.Deletions.Count > 0)
        {
            json.WriteStartArray("d"u8);
            state.Deletions.ForEach(deletion => Write(json, deletion));
            json.WriteEndArray();
        }

        WriteFields(json, state);
        WriteWriters(json, state);
        json.WriteEndObject();
    }

    /// <summary>The version, which comes first.</summary>
    public static HybridTimestamp ReadVersion(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8);
        return json.Read() && json.Read() && json.ValueTextEquals("v"u8)
            ? ReadTimestamp(ref json)
            : throw new InvalidDataException("A merge state without its version.");
    }

    public static MergeState Read(ReadOnlySpan<byte> utf8, StoredRecord record)
    {
        var json = new Utf8JsonReader(utf8);
        json.Read();
        json.Read(); // the name of the version
        var version = ReadTimestamp(ref json);
        json.Read();
        var created = HybridTimestamp.At(record.CreatedAt);
        var (birth, birthVersion) = (new Stamp(created, Writer.Server), created);
        if (json.TokenType is JsonTokenType.PropertyName && json.ValueTextEquals("b"u8))
        {
            json.Read();
            birth = ReadStamp(ref json);
            birthVersion = ReadTimestamp(ref json);
            json.Read();
            json.Read();
        }

        var state = MergeState.From(version, birth, birthVersion);
        state.IsDeleted = record.Deleted;
        while (json.TokenType is JsonTokenType.PropertyName)
        {
            ReadPart(ref json, state);
            json.Read();
        }

        return state;
    }

    private static bool IsImplied(MergeState state, StoredRecord record)
    {
        var created = HybridTimestamp.At(record.CreatedAt);
        return state.BirthVersion == created && state.Birth == new Stamp(created, Writer.Server);
    }

    private static void WriteFields(Utf8JsonWriter json, MergeState state)
    {
        if (state.Stamps.Count > 0)
        {
            json.WriteStartObject("f"u8);
            foreach (var (field, stamp) in state.Stamps)
            {
                json.WriteStartArray(field);
                Write(json, stamp);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        if (state.Additions.Count > 0)
        {
            json.WriteStartObject("s"u8);
            foreach (var (field, elements) in state.Additions)
            {
                json.WriteStartObject(field);
                foreach (var (element, additions) in elements)
                {
                    json.WriteStartArray(element);
                    additions.ForEach(addition => Write(json, addition));
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }

    private static void WriteWriters(Utf8JsonWriter json, MergeState state)
    {
        json.WriteStartObject("w"u8);
        foreach (var (writer, entry) in state.Writers)
        {
            json.WriteStartArray(writer);
            json.WriteNumberValue(entry.Seq);
            Write(json, entry.Stamp);
            Write(json, entry.Version);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void ReadPart(ref Utf8JsonReader json, MergeState state)
    {
        var part = json.ValueSpan[0];
        json.Read();
        switch (part)
        {
            case (byte)'d':
                state.Deletions.AddRange(ReadDots(ref json));
                break;
            case (byte)'f':
                while (ReadName(ref json) is { } field)
                {
                    json.Read();
                    state.Stamps.Add(field, ReadStamp(ref json));
                    json.Read();
                }

                break;
            case (byte)'s':
                while (ReadName(ref json) is { } field)
                {
                    json.Read();
                    state.Additions.Add(field, ReadElements(ref json));
                }

                break;
            case (byte)'w':
                while (ReadName(ref json) is { } writer)
                {
                    json.Read();
                    json.Read();
                    state.Writers.Add(writer, new WriterEntry(json.GetInt64(), ReadTimestamp(ref json), ReadTimestamp(ref json)));
                    json.Read();
                }

                break;
            default:
                throw new InvalidDataException($"A merge state with an unknown part '{(char)part}'.");
        }
    }

    private static Dictionary<string, List<Dot>> ReadElements(ref Utf8JsonReader json)
    {
        var elements = new Dictionary<string, List<Dot>>(StringComparer.Ordinal);
        while (ReadName(ref json) is { } element)
        {
            json.Read();
            elements.Add(element, ReadDots(ref json));
        }

        return elements;
    }

    /// <summary>From the array's start to its end.</summary>
    private static List<Dot> ReadDots(ref Utf8JsonReader json)
    {
        var dots = new List<Dot>(1);
        while (json.Read() && json.TokenType is JsonTokenType.String)
        {
            dots.Add(new Dot(json.GetString() ?? "", ReadTimestamp(ref json)));
        }

        return dots;
    }

    /// <summary>The next member's name; null at the object's end.</summary>
    private static string? ReadName(ref Utf8JsonReader json) =>
        json.Read() && json.TokenType is JsonTokenType.PropertyName ? json.GetString() : null;

    private static string ReadString(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString() ?? "";
    }

    private static Stamp ReadStamp(ref Utf8JsonReader json) => new(ReadTimestamp(ref json), ReadString(ref json));

    private static HybridTimestamp ReadTimestamp(ref Utf8JsonReader json)
    {
        json.Read();
        Span<char> text = stackalloc char[HybridTimestamp.Digits];
        return json.ValueSpan.Length == text.Length && json.CopyString(text) == text.Length
            && HybridTimestamp.TryParse(text, out var timestamp)
                ? timestamp
                : throw new InvalidDataException("A merge state with a malformed time.");
    }

    private static void Write(Utf8JsonWriter json, HybridTimestamp timestamp)
    {
        Span<char> text = stackalloc char[HybridTimestamp.Digits];
        timestamp.Value.TryFormat(text, out _, "x16", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteStringValue(text);
    }

    private static void Write(Utf8JsonWriter json, Stamp stamp)
    {
        Write(json, stamp.Time);
        json.WriteStringValue(stamp.Writer);
    }

    private static void Write(Utf8JsonWriter json, Dot dot)
    {
        json.WriteStringValue(dot.Writer);
        Write(json, dot.Version);
    }
}
