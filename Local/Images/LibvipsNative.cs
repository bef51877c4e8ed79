using System.Runtime.InteropServices;

namespace Local.Images;

/// <summary>
/// The functions of libvips, and of the GLib and GObject inside it, that the engine calls. None of them is variadic:
/// variadic functions have a calling convention of their own on Apple silicon.
/// </summary>
internal static unsafe partial class LibvipsNative
{
    /// <summary>A name for <see cref="LibvipsLibrary"/>'s resolver, not a file.</summary>
    internal const string Library = "libvips";

    /// <summary><c>GValue</c>: the type, then two unions of eight bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GValue
    {
        public nuint Type;
        public long First;
        public long Second;
    }

    /// <summary><c>G_TYPE_OBJECT</c>, which every GLib has at this number.</summary>
    internal const nuint ObjectType = 20 << 2;

    [LibraryImport(Library, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Init(string name);

    [LibraryImport(Library, EntryPoint = "vips_version")]
    internal static partial int Version(int part);

    [LibraryImport(Library, EntryPoint = "vips_cache_set_max")]
    internal static partial void SetCacheMax(int operations);

    [LibraryImport(Library, EntryPoint = "vips_concurrency_set")]
    internal static partial void SetConcurrency(int threads);

    [LibraryImport(Library, EntryPoint = "vips_block_untrusted_set")]
    internal static partial void BlockUntrusted(int state);

    [LibraryImport(Library, EntryPoint = "vips_operation_block_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void BlockOperation(string className, int state);

    [LibraryImport(Library, EntryPoint = "vips_thread_shutdown")]
    internal static partial void ThreadShutdown();

    [LibraryImport(Library, EntryPoint = "vips_error_clear")]
    internal static partial void ErrorClear();

    [LibraryImport(Library, EntryPoint = "g_log_set_handler", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint SetLogHandler(
        string domain, int levels, delegate* unmanaged[Cdecl]<byte*, int, byte*, void*, void> handler, void* data);

    [LibraryImport(Library, EntryPoint = "g_object_unref")]
    internal static partial void ObjectUnref(nint instance);

    [LibraryImport(Library, EntryPoint = "g_value_init")]
    internal static partial GValue* ValueInit(ref GValue value, nuint type);

    [LibraryImport(Library, EntryPoint = "g_value_unset")]
    internal static partial void ValueUnset(ref GValue value);

    [LibraryImport(Library, EntryPoint = "g_value_set_object")]
    internal static partial void ValueSetObject(ref GValue value, VipsObject instance);

    [LibraryImport(Library, EntryPoint = "g_value_set_boxed")]
    internal static partial void ValueSetBoxed(ref GValue value, nint boxed);

    [LibraryImport(Library, EntryPoint = "vips_array_image_get_type")]
    internal static partial nuint ImageArrayType();

    /// <summary>A list of images with references of its own, to be given back with <see cref="AreaUnref"/>.</summary>
    [LibraryImport(Library, EntryPoint = "vips_array_image_new")]
    internal static partial nint ImageArrayNew(nint* images, int count);

    [LibraryImport(Library, EntryPoint = "vips_image_set_int", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void ImageSetInt(VipsObject image, string name, int value);

    [LibraryImport(Library, EntryPoint = "g_value_dup_object")]
    internal static partial VipsObject ValueDupObject(ref GValue value);

    [LibraryImport(Library, EntryPoint = "g_value_dup_boxed")]
    internal static partial VipsBlob ValueDupBlob(ref GValue value);

    [LibraryImport(Library, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void SetProperty(VipsObject instance, string name, ref GValue value);

    [LibraryImport(Library, EntryPoint = "g_object_get_property", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void GetProperty(VipsObject instance, string name, ref GValue value);

    [LibraryImport(Library, EntryPoint = "vips_operation_new", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial VipsObject OperationNew(string name);

    [LibraryImport(Library, EntryPoint = "vips_object_set_argument_from_string",
        StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetArgument(VipsObject operation, string name, string value);

    [LibraryImport(Library, EntryPoint = "vips_cache_operation_build")]
    internal static partial VipsObject OperationBuild(VipsObject operation);

    [LibraryImport(Library, EntryPoint = "vips_object_unref_outputs")]
    internal static partial void UnrefOutputs(VipsObject operation);

    [LibraryImport(Library, EntryPoint = "vips_source_new_from_memory")]
    internal static partial VipsObject SourceFromMemory(void* data, nuint length);

    [LibraryImport(Library, EntryPoint = "vips_image_new_memory")]
    internal static partial VipsObject ImageNewMemory();

    [LibraryImport(Library, EntryPoint = "vips_image_write")]
    internal static partial int ImageWrite(VipsObject image, VipsObject target);

    [LibraryImport(Library, EntryPoint = "vips_image_set_kill")]
    internal static partial void ImageSetKill(VipsObject image, int kill);

    [LibraryImport(Library, EntryPoint = "vips_image_get_width")]
    internal static partial int ImageWidth(VipsObject image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_height")]
    internal static partial int ImageHeight(VipsObject image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_bands")]
    internal static partial int ImageBands(VipsObject image);

    [LibraryImport(Library, EntryPoint = "vips_image_hasalpha")]
    internal static partial int ImageHasAlpha(VipsObject image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_orientation")]
    internal static partial int ImageOrientation(VipsObject image);

    /// <summary>The pixels of a memory image, which belong to it.</summary>
    [LibraryImport(Library, EntryPoint = "vips_image_get_data")]
    internal static partial byte* ImageData(VipsObject image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_typeof", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nuint ImageTypeOf(VipsObject image, string name);

    [LibraryImport(Library, EntryPoint = "vips_image_get_int", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ImageGetInt(VipsObject image, string name, out int value);

    [LibraryImport(Library, EntryPoint = "vips_image_get_blob", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ImageGetBlob(VipsObject image, string name, out byte* data, out nuint length);

    /// <summary>A list of C strings that ends with null, to be freed with <see cref="FreeStrings"/>.</summary>
    [LibraryImport(Library, EntryPoint = "vips_image_get_fields")]
    internal static partial byte** ImageFields(VipsObject image);

    [LibraryImport(Library, EntryPoint = "g_strfreev")]
    internal static partial void FreeStrings(byte** strings);

    [LibraryImport(Library, EntryPoint = "vips_image_remove")]
    internal static partial int ImageRemove(VipsObject image, byte* name);

    [LibraryImport(Library, EntryPoint = "vips_icc_is_compatible_profile")]
    internal static partial int IsCompatibleProfile(VipsObject image, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "vips_blob_get_type")]
    internal static partial nuint BlobType();

    [LibraryImport(Library, EntryPoint = "vips_blob_get")]
    internal static partial byte* BlobGet(VipsBlob blob, out nuint length);

    [LibraryImport(Library, EntryPoint = "vips_area_unref")]
    internal static partial void AreaUnref(nint blob);
}
