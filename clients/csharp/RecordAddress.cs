namespace SyncClient;

/// <summary>Where a record is.</summary>
public readonly record struct RecordAddress(string Scope, string Collection, string Id)
{
    public override string ToString() => $"{Scope}/{Collection}/{Id}";
}
