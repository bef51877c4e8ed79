using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Backend.Model;
using Backend.Model.History;
using Backend.Records;

namespace Backend.Sync.Pull;

/// <summary>
/// Names what a caller sees of a scope beside what the records themselves decide: the roles of the caller, there and in
/// general, the collections that were asked for, and what the model says about reading. When it changes, records come or go
/// without any of them being written, and no feed of changes would tell.
/// </summary>
internal sealed class ScopeView(AppModel model, ModelHistory history)
{
    private const int Length = 12;

    private readonly ConcurrentDictionary<int, string> _rules = new();

    /// <summary>The version of the model as it is.</summary>
    public int Version => history.Shape.Version;

    /// <param name="entered">Who sees it.</param>
    /// <param name="collections">What was asked for; null for all.</param>
    /// <param name="version">
    /// A version of the model: what was added after it is left out, so that a new collection does not change the name of what
    /// a client has.
    /// </param>
    public string Name(ScopeAccess entered, IReadOnlySet<string>? collections, int version)
    {
        var text = new StringBuilder(entered.Context.SpaceRole).Append('\n');
        text.AppendJoin(' ', entered.Caller.Roles.Order(StringComparer.Ordinal)).Append('\n');
        text.AppendJoin(' ', collections?.Order(StringComparer.Ordinal) ?? Enumerable.Repeat("*", 1)).Append('\n');
        text.Append(_rules.GetOrAdd(version, RulesOf));
        return Hash(text.ToString());
    }

    /// <summary>Whether a collection is none of the model's, was none of it before, and none of the server's own.</summary>
    public bool IsUnknown(string collection) =>
        !history.Shape.Collections.ContainsKey(collection) && !BuiltInCollections.IsBuiltIn(collection);

    /// <summary>Of each collection which clients can read, and what of it is kept from them.</summary>
    private string RulesOf(int version)
    {
        var text = new StringBuilder();
        foreach (var (name, shape) in history.Shape.Collections.Where(collection => collection.Value.Since <= version))
        {
            text.Append(name).Append('\n');
            if (model.Collections.TryGetValue(name, out var collection))
            {
                text.Append(collection.Rules.Read.Text).Append('\n');
                text.AppendJoin(' ', shape.Fields.Where(static field => field.Value.Removed is not null).Select(static field => field.Key));
            }

            text.Append('\n');
        }

        return Hash(text.ToString());
    }

    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Length];
}
