namespace Backend.Model;

/// <summary>
/// An order that a collection declares, so that lists can ask for it: the stores keep an index for each. The id, in the
/// direction of the last key, is the last key of every index.
/// </summary>
public sealed record IndexModel(IReadOnlyList<IndexKey> Keys)
{
    /// <summary>The most keys of an index.</summary>
    public const int MaxKeys = 4;

    /// <summary>The most indexes of a collection.</summary>
    public const int MaxIndexes = 16;

    /// <summary>
    /// The most indexes of a model: a Cosmos container has all of them, and each costs every write of its collection.
    /// </summary>
    public const int MaxIndexesOfModel = 100;

    /// <summary>
    /// The longest text that can be a key, in UTF-16 characters: the keys of a page's last record are in its cursor, and
    /// a cursor has to fit into a URL.
    /// </summary>
    public const int MaxTextLength = 256;

    /// <summary>
    /// Whether the index has this order, read forwards or backwards. A prefix of its keys is another order: the id
    /// would come too late.
    /// </summary>
    public bool Serves(IReadOnlyList<IndexKey> sort) =>
        sort.Count == Keys.Count
        && sort.Zip(Keys).All(pair => pair.First.Name == pair.Second.Name)
        && sort.Zip(Keys).Select(pair => pair.First.Descending == pair.Second.Descending).Distinct().Count() == 1;

    /// <summary>As a request's <c>sort</c> has it.</summary>
    public override string ToString() => string.Join(',', Keys);
}

/// <param name="Name">A field, or <c>owner</c>, <c>createdAt</c> or <c>updatedAt</c>.</param>
/// <param name="Descending">From the last to the first; what has no value comes first ascending, last descending.</param>
public readonly record struct IndexKey(string Name, bool Descending)
{
    /// <summary>What can be a key beside fields. The id is one of every order and is not named.</summary>
    internal static readonly IReadOnlyList<string> Reserved = ["owner", "createdAt", "updatedAt"];

    /// <summary>Whether it is a field, which a record may lack.</summary>
    public bool IsField => !Reserved.Contains(Name, StringComparer.Ordinal);

    /// <summary>Reads <c>name</c> or <c>-name</c>, whatever the name.</summary>
    public static IndexKey Parse(string text) =>
        text.StartsWith('-') ? new IndexKey(text[1..], true) : new IndexKey(text, false);

    public override string ToString() => Descending ? $"-{Name}" : Name;
}
