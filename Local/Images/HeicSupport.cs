namespace Local.Images;

/// <summary>
/// Whether this libvips decodes HEIC (HEVC): the prebuilt one does not, for the sake of patents, a system's may. The
/// library cannot be asked, so an 8 by 8 pixel image is decoded once.
/// </summary>
internal static class HeicSupport
{
    private static readonly Lazy<bool> Probed = new(Probe);

    public static bool IsAvailable => Probed.Value;

    internal static byte[] SampleFile() => Convert.FromBase64String(Sample);

    private static unsafe bool Probe()
    {
        try
        {
            var sample = SampleFile();
            fixed (byte* data = sample)
            {
                using var source = LibvipsNative.SourceFromMemory(data, (nuint)sample.Length);
                using var load = new VipsOperation("heifload_source").Set("source", source);
                using var image = load.BuildImage();
                using var pixels = LibvipsNative.ImageNewMemory();
                return LibvipsNative.ImageWrite(image, pixels) == 0;
            }
        }
        catch (VipsException)
        {
            return false;
        }
    }

    private const string Sample =
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA" +
        "AA5waXRtAAAAAAACAAAAEGlkYXQAAAAAAAgACAAAADhpbG9jAQAAAERAAAIAAQAAAAAAAAHQAAEAAAAAAAAALQACAAEAAAAAAAAA" +
        "AQAAAAAAAAAIAAAAOGlpbmYAAAAAAAIAAAAVaW5mZQIAAAEAAQAAaHZjMQAAAAAVaW5mZQIAAAAAAgAAZ3JpZAAAAADXaXBycAAA" +
        "ALVpcGNvAAAAdWh2Y0MBBAgAAAAAAAAAAAAe8AD8/fr6AAAPAyAAAQAXQAEMAf//BAgAAAMAnbgAAAMAAB66AkAhAAEAKkIBAQQI" +
        "AAADAJ24AAADAAAeoCCBBNluqumubgQEDAgAAAMACAAAAwAIQCIAAQAGRAHBc8GJAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAUaXNw" +
        "ZQAAAAAAAAAIAAAACAAAABBwaXhpAAAAAAMKCgoAAAAaaXBtYQAAAAAAAAACAAECgQIAAgIDhAAAABppcmVmAAAAAAAAAA5kaW1n" +
        "AAIAAQABAAAANW1kYXQAAAApKAGvBRIS7SD6kKJLunTLlARA87DOdeMOPnmJ5S16t1nKDbGoQMWbXA8=";
}
