namespace Local.Images;

/// <summary>A native library that the host needs is not there; the message is one line that says what to do.</summary>
public sealed class NativeLibraryMissingException(string message, Exception? inner = null) : Exception(message, inner);
