namespace Backend.Model.History;

/// <summary>Which changes of a field's type leave every stored value one of the new type. docs/model.md has the table.</summary>
internal static class TypeChanges
{
    public static bool Fit(FieldShape from, FieldModel to) => (FieldReader.TypeOf(from.Type), to.Type) switch
    {
        (_, FieldType.Json) => true,
        (FieldType.Reference, FieldType.Reference) => from.Collection == to.Collection,
        var (before, after) when before == after => true,
        (FieldType.Integer or FieldType.Counter, FieldType.Integer or FieldType.Counter or FieldType.Number) => true,
        (FieldType.Timestamp or FieldType.Reference or FieldType.Media, FieldType.String) => true,
        _ => false,
    };

    public static string Describe(string type, string? collection) =>
        collection is null ? type : $"{type} to {collection}";
}
