namespace Backend.Rules.Compiled;

/// <summary>What kind of value an expression stands for.</summary>
internal enum RuleType
{
    /// <summary>No value: a field that is missing, JSON null or not of its declared type.</summary>
    Null,
    Text,

    /// <summary>A 64-bit floating point number; whole numbers are numbers.</summary>
    Number,
    Boolean,

    /// <summary>An instant to the millisecond.</summary>
    Timestamp,

    /// <summary>Texts without an order.</summary>
    Set,

    /// <summary>A json field or a place in one; its use says what it is read as.</summary>
    Json,

    /// <summary>A length of time, which only moves a timestamp.</summary>
    Duration,
}
