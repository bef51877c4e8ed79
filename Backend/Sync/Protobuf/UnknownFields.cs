using Backend.Http;
using Google.Protobuf;

namespace Backend.Sync.Protobuf
{
    /// <summary>
    /// Refuses what a message has beyond its definition: a field of a newer definition may be what the request is about, and
    /// one with another type than ours was generated from another file. The parser keeps both apart instead.
    /// </summary>
    internal static class UnknownFields
    {
        public static FieldError? FindError(UnknownFieldSet? unknown, string path) => unknown is null
            ? null
            : new FieldError(path, "unknown_field", $"The message has no field {FirstNumberOf(unknown)} of this type; see docs/sync.proto.");

        /// <summary>The set does not tell what is in it, but writes it.</summary>
        private static int FirstNumberOf(UnknownFieldSet unknown)
        {
            var bytes = new byte[unknown.CalculateSize()];
            using var output = new CodedOutputStream(bytes);
            unknown.WriteTo(output);
            using var input = new CodedInputStream(bytes);
            return WireFormat.GetTagFieldNumber(input.ReadTag());
        }
    }
}

// Generated messages keep their unknown fields to themselves.
namespace Backend.Sync.V1
{
    internal partial class SyncRequest
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }

    internal partial class Mutation
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }

    internal partial class Pull
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }

    internal partial class Value
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }

    internal partial class ListValue
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }

    internal partial class ObjectValue
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }

    internal partial class Operation
    {
        internal UnknownFieldSet? Unknown => _unknownFields;
    }
}
