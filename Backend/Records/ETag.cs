namespace Backend.Records;

/// <summary>
/// The version of a record or blob as its store issued it, without quotes; opaque to everybody else. Two versions of
/// one record never share an ETag.
/// </summary>
public readonly record struct ETag(string Value)
{
    /// <summary>The strong entity tag of an HTTP header: the value in quotes.</summary>
    public string ToHeader() => $"\"{Value}\"";

    public override string ToString() => Value;
}
