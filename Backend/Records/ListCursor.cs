using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Backend.Security;

namespace Backend.Records;

/// <summary>
/// Where the next page of a list starts: the place of the last record, signed together with the query, so that a cursor
/// that was changed, or is sent with another query, is refused instead of yielding a page of something else. It is signed
/// and not secret: the values of the keys can be read from it by whoever was given the record.
/// </summary>
internal sealed class ListCursor(Signer signer)
{
    /// <summary>No cursor that this server issues is longer (see <see cref="Model.IndexModel.MaxTextLength"/>).</summary>
    private const int MaxLength = 8_000;

    private enum KeyKind : byte
    {
        Missing,
        Null,
        False,
        True,
        Whole,
        Number,
        Text,
    }

    public string Encode(RecordQuery query, RecordPosition last)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer))
        {
            foreach (var key in last.Keys)
            {
                Write(writer, key);
            }

            writer.Write(last.Id.Value);
        }

        var place = Base64Url.EncodeToString(buffer.ToArray());
        return $"{place}.{signer.Sign(Purpose(query), place)}";
    }

    public bool TryDecode(RecordQuery query, string cursor, [NotNullWhen(true)] out RecordPosition? last)
    {
        last = cursor.Length <= MaxLength
            && cursor.Split('.') is [var place, var signature]
            && signer.Verify(Purpose(query), place, signature)
            ? Read(Base64Url.DecodeFromChars(place), query.Sort.Count)
            : null;
        return last is not null;
    }

    private static void Write(BinaryWriter writer, object? key)
    {
        var kind = key switch
        {
            null => KeyKind.Missing,
            DBNull => KeyKind.Null,
            bool flag => flag ? KeyKind.True : KeyKind.False,
            long => KeyKind.Whole,
            double => KeyKind.Number,
            string => KeyKind.Text,
            _ => throw new ArgumentException($"A key cannot be a {key.GetType()}.", nameof(key)),
        };
        writer.Write((byte)kind);
        switch (key)
        {
            case long whole:
                writer.Write(whole);
                break;
            case double number:
                writer.Write(number);
                break;
            case string text:
                writer.Write(text);
                break;
        }
    }

    /// <summary>The signature was checked, so these are bytes that this server wrote for as many keys.</summary>
    private static RecordPosition? Read(byte[] place, int count)
    {
        using var reader = new BinaryReader(new MemoryStream(place));
        var keys = new object?[count];
        for (var i = 0; i < count; i++)
        {
            keys[i] = (KeyKind)reader.ReadByte() switch
            {
                KeyKind.Null => DBNull.Value,
                KeyKind.False => false,
                KeyKind.True => true,
                KeyKind.Whole => reader.ReadInt64(),
                KeyKind.Number => reader.ReadDouble(),
                KeyKind.Text => reader.ReadString(),
                _ => null,
            };
        }

        return RecordId.TryParse(reader.ReadString(), out var id) ? new RecordPosition(keys, id) : null;
    }

    /// <summary>All that says which records there are and in which order. A hash, since a filter may contain anything.</summary>
    private static string Purpose(RecordQuery query)
    {
        var text = $"{query.Collection}\n{query.Scope}\n{query.Deleted}\n{string.Join(',', query.Sort)}\n{query.Descending}\n{query.Filter}";
        return $"list-cursor:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }
}
