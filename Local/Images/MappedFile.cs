using System.IO.MemoryMappedFiles;
using Backend.Media;
using Microsoft.Win32.SafeHandles;

namespace Local.Images;

/// <summary>
/// A file as memory, read when it is touched and private when it is changed. It has to outlive whatever decodes it: the
/// decoders are lazy and keep pointers into it. A file in the store is replaced by renaming, never cut, so it stays
/// readable whatever happens to its name.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _length;
    private readonly byte* _data;

    /// <exception cref="ImageRejectedException">The file is empty, or too large for one image.</exception>
    public MappedFile(string path)
    {
        using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _length = stream.Length switch
        {
            0 => throw new ImageRejectedException(ImageFault.NotAnImage, "The file is empty."),
            > int.MaxValue => throw new ImageRejectedException(ImageFault.TooManyPixels, "The file is too large."),
            var length => (int)length,
        };
        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, _length, MemoryMappedFileAccess.CopyOnWrite);
        View.AcquirePointer(ref _data);
    }

    public Span<byte> Bytes => new(_data, _length);

    private SafeMemoryMappedViewHandle View => _view.SafeMemoryMappedViewHandle;

    public VipsObject OpenSource() => LibvipsNative.SourceFromMemory(_data, (nuint)_length);

    public void Dispose()
    {
        View.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
