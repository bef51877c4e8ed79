namespace Backend.Rules.Binding;

/// <summary>Where an expression is used, and with it what it may name.</summary>
internal enum ExpressionKind
{
    ReadRule,
    CreateRule,
    UpdateRule,
    DeleteRule,
    Filter,
}
