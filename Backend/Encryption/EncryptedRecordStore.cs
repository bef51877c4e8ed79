using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Backend.Model.History;
using Backend.Records;

namespace Backend.Encryption;

/// <summary>
/// Keeps values of encrypted fields as ciphertext in the store, <c>{"$encrypted":"…"}</c> in place of the value, and gives
/// them out plain. A value that was written before its field was encrypted is read as it is and encrypted by the next
/// write; one that was written before encryption was taken away is opened and written plain.
/// </summary>
internal sealed class EncryptedRecordStore(IRecordStore inner, ModelHistory history, KeyRing keys) : TransformedRecordStore(inner)
{
    /// <summary>Stands for the record's merge state; no field can be called so.</summary>
    private const string MergeState = "$merge";

    private static readonly byte[] Marker = "$encrypted"u8.ToArray();

    protected override bool TransformsAny => history.HasEncryptedFields;

    protected override bool Transforms(string collection) => history.EncryptedFieldsOf(collection) is not null;

    protected override async ValueTask<StoredRecord> ReadAsync(StoredRecord record, CancellationToken ct)
    {
        var places = FindPlaces(record.Fields.Utf8.Span, history.EncryptedFieldsOf(record.Key.Collection) ?? []);
        foreach (var place in places)
        {
            if (ReadSealed(place.Of(record)) is { } text)
            {
                place.Replacement = await OpenAsync(record.Key, place.Field, text, ct);
            }
        }

        if (record.MergeState is { } merge && ReadSealed(merge.Span) is { } state)
        {
            var key = EncryptedValue.TryReadKeyId(state, out var id) ? await keys.FindAsync(id, ct) : null;
            record = record with
            {
                MergeState = EncryptedValue.Open(
                    key ?? throw new InvalidDataException($"The merge state of {record.Key} is of an unknown key"), record.Key, MergeState, state),
            };
        }

        return Replace(record, places);
    }

    protected override async ValueTask<StoredRecord> WriteAsync(StoredRecord record, CancellationToken ct)
    {
        var fields = history.EncryptedFieldsOf(record.Key.Collection) ?? [];
        if (record.MergeState is { } merge && fields.Any(static field => field is { IsEncrypted: true, IsSet: true }))
        {
            // It names elements of sets.
            var key = await keys.GetNewestAsync(ct);
            record = record with { MergeState = Wrap(EncryptedValue.Seal(key, record.Key, MergeState, merge.Span)) };
        }

        var places = FindPlaces(record.Fields.Utf8.Span, fields);
        foreach (var place in places)
        {
            // Plain json that looks like a sealed value would be taken for one when it is read.
            if (place.Field.IsEncrypted || ReadSealed(place.Of(record)) is not null)
            {
                var key = await keys.GetNewestAsync(ct);
                place.Replacement = Wrap(EncryptedValue.Seal(key, record.Key, place.Field.Name, place.Of(record)));
            }
        }

        return Replace(record, places);
    }

    /// <summary>Null when the value is json of a client that only looks like one of these.</summary>
    private async ValueTask<byte[]?> OpenAsync(RecordKey record, EncryptedField field, string text, CancellationToken ct)
    {
        try
        {
            if (EncryptedValue.TryReadKeyId(text, out var id) && await keys.FindAsync(id, ct) is { } key)
            {
                return EncryptedValue.Open(key, record, field.Name, text);
            }
        }
        catch (CryptographicException exception) when (!field.IsJson)
        {
            throw new InvalidDataException($"The value of {field.Name} in {record} was not encrypted there", exception);
        }
        catch (CryptographicException)
        {
            return null;
        }

        return field.IsJson ? null : throw new InvalidDataException($"The value of {field.Name} in {record} is of an unknown key");
    }

    private static List<Place> FindPlaces(ReadOnlySpan<byte> utf8, EncryptedField[] fields)
    {
        var places = new List<Place>();
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            EncryptedField? found = null;
            foreach (var field in fields)
            {
                found = reader.ValueTextEquals(field.Utf8) ? field : found;
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found is not null)
            {
                places.Add(new Place(found, start, (int)reader.BytesConsumed));
            }
        }

        return places;
    }

    private static StoredRecord Replace(StoredRecord record, List<Place> places)
    {
        if (places.TrueForAll(static place => place.Replacement is null))
        {
            return record;
        }

        var utf8 = record.Fields.Utf8.Span;
        var output = new ArrayBufferWriter<byte>(utf8.Length + (places.Count * 64));
        var position = 0;
        foreach (var place in places)
        {
            output.Write(utf8[position..place.Start]);
            output.Write(place.Replacement ?? utf8[place.Start..place.End]);
            position = place.End;
        }

        output.Write(utf8[position..]);
        return record with { Fields = new RecordFields(output.WrittenMemory) };
    }

    private static byte[] Wrap(string text) => Encoding.UTF8.GetBytes($"{{\"$encrypted\":\"{text}\"}}");

    /// <summary>The text in <c>{"$encrypted":"…"}</c>; null when the value is anything else.</summary>
    private static string? ReadSealed(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        return reader.Read() && reader.TokenType is JsonTokenType.StartObject
            && reader.Read() && reader.TokenType is JsonTokenType.PropertyName && reader.ValueTextEquals(Marker)
            && reader.Read() && reader.TokenType is JsonTokenType.String && reader.GetString() is { } text
            && reader.Read() && reader.TokenType is JsonTokenType.EndObject
                ? text
                : null;
    }

    /// <summary>Where a field's value is in the text of the fields, and what comes there instead.</summary>
    private sealed class Place(EncryptedField field, int start, int end)
    {
        public EncryptedField Field { get; } = field;

        public int Start { get; } = start;

        public int End { get; } = end;

        public byte[]? Replacement { get; set; }

        public ReadOnlySpan<byte> Of(StoredRecord record) => record.Fields.Utf8.Span[Start..End];
    }
}
