using System.Collections.ObjectModel;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Backend.Model;
using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <summary>
/// The composite indexes that the container needs for the orders that a model declares. Cosmos answers ORDER BY of several
/// keys by a composite index of just these, or of all of them reversed, and such an index has an entry for a missing
/// value too (docs/cosmos.md).
/// </summary>
/// <remarks>
/// The collection is the first path, since one container holds all of them and a query asks for one; the id is the last.
/// The first key always ascends: the reverse of an index is the same index.
/// </remarks>
public static class CosmosIndexPlan
{
    /// <summary>The file that <c>infra/</c> deploys the container with.</summary>
    public const string File = "cosmos-indexes.json";

    private static readonly JsonWriterOptions JsonFormat = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // not for HTML
    };

    /// <summary>Tombstones of any collection by the time of their deletion.</summary>
    private static readonly IndexKey[] OfTombstones = [new("updatedAt", false)];

    /// <summary>The container's indexing policy: every path, as Cosmos does by itself, and the composite indexes.</summary>
    public static IndexingPolicy Of(AppModel model)
    {
        var policy = new IndexingPolicy();
        policy.IncludedPaths.Add(new IncludedPath { Path = "/*" });
        policy.ExcludedPaths.Add(new ExcludedPath { Path = "/\"_etag\"/?" });
        policy.ExcludedPaths.Add(new ExcludedPath { Path = "/merge/*" }); // nobody asks for it, and writing its index would cost
        foreach (var index in Composites(model))
        {
            policy.CompositeIndexes.Add(index);
        }

        return policy;
    }

    /// <summary>The policy as a container's definition has it, in Azure Resource Manager too.</summary>
    public static string ToJson(AppModel model)
    {
        var policy = Of(model);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonFormat))
        {
            json.WriteStartObject();
            json.WriteString("indexingMode", "consistent");
            json.WriteBoolean("automatic", true);
            WritePaths(json, "includedPaths", policy.IncludedPaths.Select(path => path.Path));
            WritePaths(json, "excludedPaths", policy.ExcludedPaths.Select(path => path.Path));
            json.WriteStartArray("compositeIndexes");
            foreach (var index in policy.CompositeIndexes)
            {
                json.WriteStartArray();
                foreach (var path in index)
                {
                    json.WriteStartObject();
                    json.WriteString("path", path.Path);
                    json.WriteString("order", path.Order is CompositePathSortOrder.Descending ? "descending" : "ascending");
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>Those of the plan that a container lacks.</summary>
    internal static List<Collection<CompositePath>> Missing(IndexingPolicy found, AppModel model)
    {
        var there = found.CompositeIndexes.Select(Describe).ToHashSet(StringComparer.Ordinal);
        return [.. Composites(model).Where(index => !there.Contains(Describe(index)))];
    }

    /// <summary>As people read it, for example <c>/collection, /fields/dueAt DESC, /id DESC</c>.</summary>
    internal static string Describe(Collection<CompositePath> index)
    {
        // Reversed where the first path descends.
        var isReversed = index is [{ Order: CompositePathSortOrder.Descending }, ..];
        return string.Join(", ", index.Select(path =>
            path.Path + (path.Order is CompositePathSortOrder.Descending == isReversed ? "" : " DESC")));
    }

    private static IEnumerable<Collection<CompositePath>> Composites(AppModel model) => model.Collections.Values
        .OrderBy(collection => collection.Name, StringComparer.Ordinal)
        .SelectMany(collection => collection.Indexes.Select(index => index.Keys))
        .Append(OfTombstones)
        .Select(ToComposite)
        .DistinctBy(Describe); // collections share the index of a field that both have

    private static Collection<CompositePath> ToComposite(IReadOnlyList<IndexKey> keys)
    {
        CompositePath PathOf(string path, bool descending) => new()
        {
            Path = path,
            Order = descending == keys[0].Descending ? CompositePathSortOrder.Ascending : CompositePathSortOrder.Descending,
        };

        return
        [
            PathOf("/collection", keys[0].Descending),
            .. keys.Select(key => PathOf(key.IsField ? $"/fields/{key.Name}" : $"/{key.Name}", key.Descending)),
            PathOf("/id", keys[^1].Descending),
        ];
    }

    private static void WritePaths(Utf8JsonWriter json, string name, IEnumerable<string> paths)
    {
        json.WriteStartArray(name);
        foreach (var path in paths)
        {
            json.WriteStartObject();
            json.WriteString("path", path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
