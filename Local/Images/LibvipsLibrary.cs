using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Local.Images;

/// <summary>
/// Finds libvips (the copy beside the app, else the system's), and sets it up once for untrusted files.
/// </summary>
public static unsafe partial class LibvipsLibrary
{
    private static readonly Lazy<string> Loaded = new(LoadOnce);

    /// <summary>Decoders that strangers' files may reach; libvips's own names of their classes.</summary>
    private static readonly string[] TrustedLoaders =
    [
        "VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif",
        "VipsForeignLoadHeif", "VipsForeignLoadTiff",
    ];

    /// <summary>Warnings of the JPEG decoder that the current thread has seen since it last asked.</summary>
    [ThreadStatic]
    private static int t_jpegWarnings;

    /// <summary>
    /// Loads libvips, if that was not done before, and answers its version. Takes a few milliseconds; the host calls
    /// it at start so that a missing library is known then.
    /// </summary>
    /// <exception cref="NativeLibraryMissingException">There is no libvips, or one that is too old.</exception>
    public static string Load() => Loaded.Value;

    internal static int TakeJpegWarnings()
    {
        var seen = t_jpegWarnings;
        t_jpegWarnings = 0;
        return seen;
    }

    private static string LoadOnce()
    {
        var library = Find(AppContext.BaseDirectory);
        NativeLibrary.SetDllImportResolver(
            typeof(LibvipsLibrary).Assembly,
            (name, _, _) => name == LibvipsNative.Library ? library : 0);
        TameAllocator();
        if (LibvipsNative.Init("backend") != 0)
        {
            throw new NativeLibraryMissingException("libvips was found but could not start.");
        }

        var (major, minor, patch) =
            (LibvipsNative.Version(0), LibvipsNative.Version(1), LibvipsNative.Version(2));
        if ((major, minor).CompareTo((8, 15)) < 0)
        {
            // 8.14, tried: it writes EXIF into WebP whatever it is told.
            throw new NativeLibraryMissingException(
                $"libvips {major}.{minor} is too old: 8.15 is the first that strips metadata reliably. {Advice}");
        }

        Harden();
        return $"{major}.{minor}.{patch}";
    }

    private static void Harden()
    {
        LibvipsNative.SetLogHandler("VIPS", LogLevels, &OnLog, null);
        // What a forged header makes the library complain of to itself is the file's fault, and no line of our console.
        LibvipsNative.SetLogHandler("GLib-GObject", LogLevels, &OnLog, null);
        LibvipsNative.SetCacheMax(0); // results are never asked for twice, and cached sources would be read after free
        LibvipsNative.SetConcurrency(1); // parallel between images, not within: the least memory and no idle threads
        LibvipsNative.BlockUntrusted(1);
        LibvipsNative.BlockOperation("VipsForeignLoad", 1);
        foreach (var loader in TrustedLoaders)
        {
            LibvipsNative.BlockOperation(loader, 0);
        }
    }

    private const string Advice =
        "Build again with Node.js 20 or later so that the build can fetch it (npm ci, see Local/native), " +
        "or install version 8.15 or later (Debian 13: apt-get install libvips42; macOS: brew install vips).";

    /// <param name="folder">The app's own folder, searched first.</param>
    internal static nint Find(string folder)
    {
        string[] candidates = OperatingSystem.IsMacOS()
            ? [Path.Combine(folder, "libvips-cpp.dylib"), "libvips.42.dylib",
                "/opt/homebrew/lib/libvips.42.dylib", "/usr/local/lib/libvips.42.dylib"]
            : OperatingSystem.IsWindows()
                ? [Path.Combine(folder, "libvips-42.dll"), "libvips-42.dll"]
                : [Path.Combine(folder, "libvips-cpp.so"), "libvips.so.42"];
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                return handle;
            }
        }

        throw new NativeLibraryMissingException($"libvips was not found in {folder} nor on the system. {Advice}");
    }

    /// <summary>
    /// glibc gives every thread an arena of its own, and keeps freed blocks for itself once such sizes were seen: with
    /// pictures that is many times what they need. Two arenas and fixed thresholds (measured: a third less memory at the
    /// peak, no more time) give it back. Other C libraries have no such knobs and no such need.
    /// </summary>
    private static void TameAllocator()
    {
        const int ArenaMax = -8;
        const int MapThreshold = -3;
        const int TrimThreshold = -1;
        const int HalfMegabyte = 512 * 1024;
        if (OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("libc.so.6", out var libc)
            && NativeLibrary.TryGetExport(libc, "mallopt", out var address))
        {
            var mallopt = (delegate* unmanaged[Cdecl]<int, int, int>)address;
            _ = mallopt(ArenaMax, 2);
            _ = mallopt(MapThreshold, HalfMegabyte);
            _ = mallopt(TrimThreshold, HalfMegabyte);
        }
    }

    /// <summary><c>G_LOG_LEVEL_CRITICAL</c> and below, without errors, which must abort.</summary>
    private const int LogLevels = 0b1111_1000;

    /// <summary>
    /// Keeps the library's talk off stderr. One message counts: the JPEG decoder forgives damage and says so only
    /// when it is closed, which happens on the thread that asked for the pixels.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(byte* domain, int level, byte* message, void* data)
    {
        if (MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message).StartsWith("read gave "u8))
        {
            t_jpegWarnings++;
        }
    }
}
