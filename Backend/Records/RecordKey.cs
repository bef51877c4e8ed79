namespace Backend.Records;

/// <summary>The full address of a record.</summary>
public readonly record struct RecordKey(Scope Scope, string Collection, RecordId Id)
{
    public override string ToString() => $"{Scope}/{Collection}/{Id}";
}
