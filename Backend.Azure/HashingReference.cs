using System.IO.Hashing;
using System.Runtime.CompilerServices;

// Azure.Storage needs System.IO.Hashing, which comes from the SDK and not from a package (see Directory.Build.props).
// MSBuild copies a plain assembly on to the projects that refer to this one only if this one refers to it in its
// metadata. This does, and runs nothing.
[assembly: TypeForwardedTo(typeof(Crc64))]
