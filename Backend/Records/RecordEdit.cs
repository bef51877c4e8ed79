using System.Text.Json;

namespace Backend.Records;

/// <summary>What a client asks to do to a record that there is.</summary>
internal abstract record RecordEdit
{
    private RecordEdit()
    {
    }

    /// <summary>A whole new value.</summary>
    public sealed record Replace(JsonElement Body) : RecordEdit;

    /// <summary>A JSON merge patch with field operations.</summary>
    public sealed record Patch(JsonElement Body) : RecordEdit;

    public sealed record Delete : RecordEdit;

    /// <summary>Undoes a deletion.</summary>
    public sealed record Restore : RecordEdit;
}
