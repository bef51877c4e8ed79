using System.Globalization;

namespace Local.Images;

/// <summary>One operation of libvips, built by its name. What it makes is lazy: pixels flow when a target is written.</summary>
internal sealed class VipsOperation : IDisposable
{
    private readonly string _name;
    private VipsObject _operation;

    /// <exception cref="VipsException">This build of libvips has no such operation, or it is blocked.</exception>
    public VipsOperation(string name)
    {
        _name = name;
        _operation = LibvipsNative.OperationNew(name);
        if (_operation.IsInvalid)
        {
            throw new VipsException(name, isMissing: true);
        }
    }

    /// <summary>Sets a number, a flag, an enumeration's word or a list of numbers.</summary>
    public VipsOperation Set(string argument, string value)
    {
        if (LibvipsNative.SetArgument(_operation, argument, value) != 0)
        {
            throw new VipsException(_name);
        }

        return this;
    }

    public VipsOperation Set(string argument, int value) => Set(argument, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets an image or a source; the operation holds a reference of its own.</summary>
    public VipsOperation Set(string argument, VipsObject value)
    {
        var boxed = default(LibvipsNative.GValue);
        Initialize(ref boxed, LibvipsNative.ObjectType);
        LibvipsNative.ValueSetObject(ref boxed, value);
        LibvipsNative.SetProperty(_operation, argument, ref boxed);
        LibvipsNative.ValueUnset(ref boxed);
        return this;
    }

    /// <summary>Sets a list of images; the operation holds references of its own.</summary>
    public unsafe VipsOperation Set(string argument, IReadOnlyList<VipsObject> images)
    {
        var handles = images.Select(static image => image.DangerousGetHandle()).ToArray();
        var boxed = default(LibvipsNative.GValue);
        Initialize(ref boxed, LibvipsNative.ImageArrayType());
        fixed (nint* first = handles)
        {
            var array = LibvipsNative.ImageArrayNew(first, handles.Length);
            LibvipsNative.ValueSetBoxed(ref boxed, array);
            LibvipsNative.AreaUnref(array);
        }

        LibvipsNative.SetProperty(_operation, argument, ref boxed);
        LibvipsNative.ValueUnset(ref boxed);
        GC.KeepAlive(images);
        return this;
    }

    /// <summary>Runs the operation and takes its output image.</summary>
    public VipsObject BuildImage()
    {
        Build();
        var boxed = Read("out", LibvipsNative.ObjectType);
        var image = LibvipsNative.ValueDupObject(ref boxed);
        LibvipsNative.ValueUnset(ref boxed);
        return image;
    }

    /// <summary>Runs an operation that encodes, and takes the bytes.</summary>
    public VipsBlob BuildBlob()
    {
        Build();
        var boxed = Read("buffer", LibvipsNative.BlobType());
        var blob = LibvipsNative.ValueDupBlob(ref boxed);
        LibvipsNative.ValueUnset(ref boxed);
        return blob;
    }

    public void Dispose()
    {
        // An operation keeps references to its outputs until told otherwise, and they to it.
        LibvipsNative.UnrefOutputs(_operation);
        _operation.Dispose();
    }

    private void Build()
    {
        var built = LibvipsNative.OperationBuild(_operation);
        if (built.IsInvalid)
        {
            throw new VipsException(_name);
        }

        _operation.Dispose();
        _operation = built;
    }

    private LibvipsNative.GValue Read(string property, nuint type)
    {
        var boxed = default(LibvipsNative.GValue);
        Initialize(ref boxed, type);
        LibvipsNative.GetProperty(_operation, property, ref boxed);
        return boxed;
    }

    private static unsafe void Initialize(ref LibvipsNative.GValue value, nuint type) =>
        LibvipsNative.ValueInit(ref value, type);
}

/// <summary>
/// An operation of libvips failed. It has no text of the library's: the library keeps one text for all threads, so it
/// may belong to another image.
/// </summary>
internal sealed class VipsException : Exception
{
    public VipsException(string operation, bool isMissing = false)
        : base(isMissing ? $"libvips has no operation {operation}" : $"libvips could not complete {operation}")
    {
        IsMissing = isMissing;
        LibvipsNative.ErrorClear();
    }

    /// <summary>This build of libvips cannot do it at all.</summary>
    public bool IsMissing { get; }
}
