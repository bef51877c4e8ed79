using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Backend.Sync.Protobuf;

/// <summary>
/// Writes messages into one growing buffer, for what would be too many objects as generated messages; those can stand
/// between. A message's length is written when its end is known.
/// </summary>
/// <param name="capacity">How many bytes there will be about.</param>
internal sealed class MessageWriter(int capacity)
{
    private const int LengthBits = 7;

    private byte[] _bytes = new byte[capacity];
    private int _count;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _count);

    public void WriteTag(int field, WireFormat.WireType type) => WriteVarint(WireFormat.MakeTag(field, type));

    public void WriteVarint(ulong value)
    {
        var output = Reserve(SizeOf(value));
        for (var i = 0; i < output.Length; i++)
        {
            output[i] = (byte)(value | 0x80);
            value >>= LengthBits;
        }

        output[^1] &= 0x7F;
    }

    /// <summary>A sint64: small numbers of either sign are short.</summary>
    public void WriteSigned(int field, long value)
    {
        WriteTag(field, WireFormat.WireType.Varint);
        WriteVarint((ulong)((value << 1) ^ (value >> 63)));
    }

    public void WriteDouble(int field, double value)
    {
        WriteTag(field, WireFormat.WireType.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(Reserve(sizeof(double)), value);
    }

    /// <summary>A text in UTF-8, or bytes.</summary>
    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, WireFormat.WireType.LengthDelimited);
        WriteVarint((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>A generated message's own fields, within the message that is open.</summary>
    public void Append(IMessage message) => message.WriteTo(Reserve(message.CalculateSize()));

    /// <summary>Opens a message, or a text of unknown length.</summary>
    /// <returns>What <see cref="End"/> takes.</returns>
    public int Begin(int field)
    {
        WriteTag(field, WireFormat.WireType.LengthDelimited);
        Reserve(1); // enough for most lengths
        return _count;
    }

    public void End(int start)
    {
        var length = _count - start;
        var size = SizeOf((ulong)length);
        if (size > 1)
        {
            Reserve(size - 1);
            _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + size - 1));
        }

        var end = _count;
        _count = start - 1;
        WriteVarint((ulong)length);
        _count = end;
    }

    /// <summary>Room for so many bytes.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _count < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + count));
        }

        _count += count;
        return _bytes.AsSpan(_count - count, count);
    }

    /// <summary>Gives back what was reserved and not used.</summary>
    public void Return(int count) => _count -= count;

    private static int SizeOf(ulong value) => 1 + (BitOperations.Log2(value | 1) / LengthBits);
}
