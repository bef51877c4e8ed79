using System.Buffers.Binary;

namespace Backend.Media;

/// <summary>
/// Walks a JPEG's segments before it is decoded.
/// <para>
/// The decoder runs so strictly that any warning is damage, since bad picture data is only a warning to it. But cameras
/// and phones write a few things that it warns of too and that harm nothing: scan parameters which sequential JPEG has no
/// use for (Samsung), bytes between the header's segments, odd version and colour marks. Those are put right in the
/// memory copy.
/// </para>
/// <para>It also counts scans: a progressive file of a few megabytes can ask for weeks of decoding.</para>
/// </summary>
internal ref struct JpegStructure
{
    /// <summary>Real encoders write about ten.</summary>
    private const int MaxScans = 100;

    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App0 = 0xE0;
    private const byte App14 = 0xEE;

    private readonly Span<byte> _file;
    private bool _sequential;
    private int _components;
    private int _adobeTransform; // offset of the byte, 0 when there is none
    private int _scans;

    private JpegStructure(Span<byte> file) => _file = file;

    /// <summary>Corrects harmless deviations in place, up to the end of the first image in the file.</summary>
    /// <exception cref="ImageRejectedException">The file asks for absurd work.</exception>
    public static void Normalize(Span<byte> file) => new JpegStructure(file).Walk();

    private void Walk()
    {
        var at = 2;
        while (TryFindMarker(ref at, out var marker) && marker != EndOfImage)
        {
            if (marker is StartOfImage or 0x01 or (>= 0xD0 and <= 0xD7))
            {
                continue; // no length, no content
            }

            if (at + 2 > _file.Length)
            {
                return;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(_file[at..]);
            if (length < 2 || at + length > _file.Length)
            {
                return; // cut short: the decoder says so better
            }

            Correct(marker, _file.Slice(at + 2, length - 2), at + 2);
            at += length;
            if (marker == StartOfScan)
            {
                SkipScan(ref at);
            }
        }
    }

    /// <summary>Goes to the next marker; in the header, what lies before it becomes legal fill bytes.</summary>
    private readonly bool TryFindMarker(ref int at, out byte marker)
    {
        var from = at;
        marker = 0;
        while (at + 1 < _file.Length)
        {
            if (_file[at] == 0xFF && _file[at + 1] is not 0 and not 0xFF)
            {
                marker = _file[at + 1];
                if (_scans == 0)
                {
                    _file[from..at].Fill(0xFF);
                }

                at += 2;
                return true;
            }

            at++;
        }

        return false;
    }

    private void Correct(byte marker, Span<byte> segment, int offset)
    {
        switch (marker)
        {
            case 0xC0 or 0xC1 or 0xC2 when segment.Length > 5:
                _sequential = marker != 0xC2;
                _components = segment[5];
                break;
            case App0 when segment.Length > 6 && segment.StartsWith("JFIF\0"u8) && segment[5] is not 1 and not 2:
                segment[5] = 1;
                break;
            case App14 when segment.Length > 11 && segment.StartsWith("Adobe"u8):
                _adobeTransform = offset + 11;
                break;
            case StartOfScan:
                CorrectScan(segment);
                break;
        }
    }

    private void CorrectScan(Span<byte> header)
    {
        if (++_scans > MaxScans)
        {
            throw new ImageRejectedException(
                ImageFault.TooManyPixels, $"The image has more than {MaxScans} scans, which only bombs have.");
        }

        if (_sequential && header.Length >= 3)
        {
            // Spectral selection and successive approximation of a sequential scan have only these values.
            (header[^3], header[^2], header[^1]) = (0, 63, 0);
        }

        if (_adobeTransform > 0 && _components is 3 or 4)
        {
            var usual = (byte)(_components == 3 ? 1 : 2); // YCbCr, YCCK: what the decoder assumes anyway
            ref var transform = ref _file[_adobeTransform];
            transform = transform == 0 ? transform : usual;
        }
    }

    /// <summary>Picture data runs to the next marker that is neither a stuffed 0xFF nor a restart.</summary>
    private readonly void SkipScan(ref int at)
    {
        while (at < _file.Length)
        {
            var next = _file[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= _file.Length)
            {
                at = _file.Length;
                return;
            }

            at += next;
            if (_file[at + 1] is not 0 and not 0xFF and not (>= 0xD0 and <= 0xD7))
            {
                return;
            }

            at += _file[at + 1] == 0xFF ? 1 : 2;
        }
    }
}
