namespace Backend.Rules;

/// <summary>The rules of one collection. What no rule allows is denied.</summary>
public sealed record CollectionRules(Rule Read, Rule Create, Rule Update, Rule Delete)
{
    public static readonly CollectionRules DenyAll = new(Rule.Never, Rule.Never, Rule.Never, Rule.Never);

    /// <summary>The rules of collections that the product itself keeps, such as media.</summary>
    public static readonly CollectionRules OwnerOnly =
        new(Rule.OwnerOnly, Rule.OwnerOnly, Rule.OwnerOnly, Rule.OwnerOnly);

    public Rule For(RecordOperation operation) => operation switch
    {
        RecordOperation.Read => Read,
        RecordOperation.Create => Create,
        RecordOperation.Update => Update,
        RecordOperation.Delete => Delete,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
