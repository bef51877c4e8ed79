using Backend.Media;
using static Functions.Tests.Media.ImageEngineTestFiles;

namespace Functions.Tests.Media;

/// <summary>JPEGs as cameras and phones really write them, and the ones that only attackers write.</summary>
public abstract partial class ImageEngineContract
{
    [Fact]
    public async Task Oddities_of_real_cameras_are_not_damage()
    {
        var photo = await QuartersAsync(320, 160);
        var scan = IndexOfSegment(photo, 0xDA);
        var samsung = (byte[])photo.Clone();
        samsung[scan + 2 + 3 + 6 + 2 - 1] = 0; // spectral selection 0 to 0, which only progressive files may have
        byte[][] files =
        [
            samsung,
            WithSegment(photo, 0xE0, [.. "JFIF\0"u8, 9, 9, 0, 0, 1, 0, 1, 0, 0]), // 9.9 of JFIF
            [.. photo, .. new byte[4096]], // padded
            [.. photo, .. photo], // Multi-Picture Format: a second image after the first
            [.. photo, .. "MotionPhoto_Data"u8, .. "\0\0\0\u0018ftypmp42"u8, .. new byte[999]],
            WithSegment(photo, 0xE2, [.. "MPF\0II*\0"u8, 8, 0, 0, 0, 0, 0]),
            [.. photo.AsSpan(0, scan), 0, 0, 0xFF, 0, 1, .. photo.AsSpan(scan)], // bytes between segments
            [.. photo.AsSpan(0, scan), 0xFF, 0xFF, 0xFF, .. photo.AsSpan(scan)], // fill bytes
            WithSegment(photo, 0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 9]), // a colour transform nobody knows
            WithSegment(photo, 0xE1, [.. "Exif\0\0"u8, .. new byte[40]]), // an EXIF block of nothing
        ];

        foreach (var file in files)
        {
            Assert.Equal((320, 160), ((await InspectAsync(file)).Width, (await InspectAsync(file)).Height));
            var image = await PixelsAsync(file, 80, 80);
            Assert.Equal("green", Name(image.At(70, 10)));
        }
    }

    [Fact]
    public async Task A_progressive_file_with_absurdly_many_scans_is_a_bomb()
    {
        var photo = await QuartersAsync(64, 64);
        var scan = IndexOfSegment(photo, 0xDA);
        byte[] repeated = photo[scan..^2];
        byte[] bomb = [.. photo[..scan], .. Enumerable.Repeat(repeated, 500).SelectMany(s => s), 0xFF, 0xD9];
        bomb[IndexOfSegment(bomb, 0xC0) + 1] = 0xC2;

        Assert.Equal(ImageFault.TooManyPixels, await FaultAsync(bomb));
    }
}
