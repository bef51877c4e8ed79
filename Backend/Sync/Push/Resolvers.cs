using System.Collections.Frozen;
using Backend.Merging;
using Backend.Model;

namespace Backend.Sync.Push;

/// <summary>The application's own resolvers, each for the collection that asks for one.</summary>
internal sealed class Resolvers(IEnumerable<IRecordResolver> resolvers)
{
    private readonly FrozenDictionary<string, IRecordResolver> _resolvers =
        resolvers.ToFrozenDictionary(resolver => resolver.Collection, StringComparer.Ordinal);

    public IRecordResolver? Find(CollectionModel collection) =>
        collection.Merge is MergePolicy.Resolver ? _resolvers.GetValueOrDefault(collection.Name) : null;

    /// <summary>A collection without its resolver, or a resolver that never runs, is a mistake that nobody would notice.</summary>
    /// <exception cref="ModelException">There is such a one.</exception>
    public static void Check(IEnumerable<IRecordResolver> resolvers, AppModel model)
    {
        var errors = new List<ModelError>();
        var known = resolvers.ToLookup(resolver => resolver.Collection, StringComparer.Ordinal);
        foreach (var group in known)
        {
            if (model.Collections.GetValueOrDefault(group.Key)?.Merge is not MergePolicy.Resolver)
            {
                errors.Add(new ModelError(
                    "", group.First().GetType().Name, $"resolves the collection '{group.Key}', which does not say \"merge\": \"resolver\""));
            }
            else if (group.Count() > 1)
            {
                errors.Add(new ModelError("", group.Last().GetType().Name, $"is a second resolver of the collection '{group.Key}'"));
            }
        }

        errors.AddRange(model.Collections.Values
            .Where(collection => collection.Merge is MergePolicy.Resolver && !known.Contains(collection.Name))
            .Select(collection => new ModelError(
                $"{collection.Name}.json", "$.merge", "asks for a resolver, and the application registers none (AddRecordResolver)")));
        if (errors.Count > 0)
        {
            throw new ModelException(errors);
        }
    }
}
