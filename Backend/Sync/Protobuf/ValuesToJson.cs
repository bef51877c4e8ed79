using System.Buffers;
using System.Text;
using System.Text.Json;
using Backend.Http;
using Google.Protobuf;
using Wire = Backend.Sync.V1;

namespace Backend.Sync.Protobuf;

/// <summary>Makes the JSON of what a message holds, which is what everything behind the wire works with.</summary>
internal sealed class ValuesToJson
{
    private readonly Utf8JsonWriter _writer;
    private readonly int _maxDepth;

    private ValuesToJson(Utf8JsonWriter writer, int maxDepth)
    {
        _writer = writer;
        _maxDepth = maxDepth;
    }

    /// <param name="value">What was sent.</param>
    /// <param name="depth">How deep it would be in a request in JSON; 1 is the request itself.</param>
    /// <param name="maxDepth">How deep such a request may be.</param>
    /// <param name="json">The JSON.</param>
    /// <returns>What cannot be JSON, with the rest of its path, for example <c>.title</c>; null when everything can.</returns>
    public static FieldError? TryConvert(Wire.ObjectValue value, int depth, int maxDepth, out JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        FieldError? error;
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            error = new ValuesToJson(writer, maxDepth).WriteObject(value, depth);
        }

        json = error is null ? JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = maxDepth }) : default;
        return error;
    }

    private FieldError? Write(Wire.Value value, int depth)
    {
        if (UnknownFields.FindError(value.Unknown, "") is { } unknown)
        {
            return unknown;
        }

        switch (value.KindCase)
        {
            case Wire.Value.KindOneofCase.Null:
                _writer.WriteNullValue();
                return null;
            case Wire.Value.KindOneofCase.Boolean:
                _writer.WriteBooleanValue(value.Boolean);
                return null;
            case Wire.Value.KindOneofCase.Integer:
                _writer.WriteNumberValue(value.Integer);
                return null;
            case Wire.Value.KindOneofCase.Number:
                return WriteNumber(value.Number);
            case Wire.Value.KindOneofCase.Decimal:
                return WriteNumber(value.Decimal);
            case Wire.Value.KindOneofCase.Text:
                _writer.WriteStringValue(value.Text);
                return null;
            case Wire.Value.KindOneofCase.List:
                return WriteList(value.List, depth);
            case Wire.Value.KindOneofCase.Object:
                return WriteObject(value.Object, depth);
            case Wire.Value.KindOneofCase.Operation:
                return WriteOperation(value.Operation, depth);
            default:
                return new FieldError("", "required", "The value has no kind; send null to remove a field.");
        }
    }

    private FieldError? WriteNumber(double number)
    {
        if (!double.IsFinite(number))
        {
            return new FieldError("", "wrong_type", "Expected a finite number.");
        }

        _writer.WriteNumberValue(number);
        return null;
    }

    private FieldError? WriteNumber(string number)
    {
        var text = Encoding.UTF8.GetBytes(number);
        if (!IsNumber(text))
        {
            return new FieldError("", "wrong_type", "Expected a number as JSON writes it.");
        }

        _writer.WriteRawValue(text, skipInputValidation: true);
        return null;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            // What is left out at either end is space, which JSON has around numbers.
            return reader.Read() && reader.TokenType is JsonTokenType.Number && reader.ValueSpan.Length == text.Length && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private FieldError? WriteObject(Wire.ObjectValue value, int depth)
    {
        if (FindError(value.Unknown, depth) is { } wrong)
        {
            return wrong;
        }

        _writer.WriteStartObject();
        foreach (var (name, member) in value.Members)
        {
            _writer.WritePropertyName(name);
            if (Write(member, depth + 1) is { } error)
            {
                return error with { Path = $".{name}{error.Path}" };
            }
        }

        _writer.WriteEndObject();
        return null;
    }

    private FieldError? WriteList(Wire.ListValue list, int depth)
    {
        if (FindError(list.Unknown, depth) is { } wrong)
        {
            return wrong;
        }

        _writer.WriteStartArray();
        foreach (var (i, element) in list.Values.Index())
        {
            if (Write(element, depth + 1) is { } error)
            {
                return error with { Path = $"[{i}]{error.Path}" };
            }
        }

        _writer.WriteEndArray();
        return null;
    }

    /// <summary>As JSON says it: what it means where it stands, and whether it can stand there, is decided behind.</summary>
    private FieldError? WriteOperation(Wire.Operation operation, int depth)
    {
        if (FindError(operation.Unknown, depth) is { } wrong)
        {
            return wrong;
        }

        _writer.WriteStartObject();
        if (operation.HasIncrement)
        {
            _writer.WriteNumber("$increment"u8, operation.Increment);
        }

        var error = WriteNamed("$add", operation.Add, depth + 1) ?? WriteNamed("$remove", operation.Remove, depth + 1);
        _writer.WriteEndObject();
        return error;
    }

    private FieldError? WriteNamed(string name, Wire.ListValue? list, int depth)
    {
        if (list is null)
        {
            return null;
        }

        _writer.WritePropertyName(name);
        return WriteList(list, depth) is { } error ? error with { Path = $".{name}{error.Path}" } : null;
    }

    private FieldError? FindError(UnknownFieldSet? unknown, int depth) =>
        UnknownFields.FindError(unknown, "")
        ?? (depth > _maxDepth ? new FieldError("", "too_deep", $"The value is nested deeper than {_maxDepth} levels of the request.") : null);
}
