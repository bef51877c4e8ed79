namespace Backend.Rules;

public enum RecordOperation
{
    Read,
    Create,
    Update,
    Delete,
}
