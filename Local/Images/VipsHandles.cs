using System.Runtime.InteropServices;

namespace Local.Images;

/// <summary>A reference to a GObject of libvips: an operation, an image or a source.</summary>
internal sealed class VipsObject() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibvipsNative.ObjectUnref(handle);
        return true;
    }
}

/// <summary>A reference to bytes that libvips allocated: an encoded image.</summary>
internal sealed unsafe class VipsBlob() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>Reads the bytes in place; good until this blob is disposed, which is left to the caller.</summary>
    public UnmanagedMemoryStream OpenRead()
    {
        var data = LibvipsNative.BlobGet(this, out var length);
        return new UnmanagedMemoryStream(data, checked((long)length));
    }

    protected override bool ReleaseHandle()
    {
        LibvipsNative.AreaUnref(handle);
        return true;
    }
}
