using Backend.Model;
using Backend.Model.History;

namespace Simulator;

/// <summary>The versions of the model that servers are deployed with, one after the other. See their folders.</summary>
internal static class ModelVersions
{
    private static readonly Lazy<IReadOnlyList<(AppModel Model, StoredShape Shape)>> All = new(Load);

    public static int Last => All.Value.Count;

    /// <summary>The first version that does not serve apps which were built with an earlier one: it has lost a field.</summary>
    public static int FirstThatRefuses => Last;

    /// <summary>As which version apps know it: one of which only the rules are new is none of its own.</summary>
    public static int SchemaOf(int version) => Of(version).Shape.Version;

    public static (AppModel Model, StoredShape Shape) Of(int version) => All.Value[version - 1];

    /// <summary>Whether an app that was built with a version knows of a collection.</summary>
    public static bool Has(int schema, string collection) => Of(Last).Shape.Collections[collection].Since <= schema;

    private static List<(AppModel Model, StoredShape Shape)> Load()
    {
        var versions = new List<(AppModel Model, StoredShape Shape)>();
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(AppContext.BaseDirectory, "models")).Order(StringComparer.Ordinal))
        {
            var model = ModelLoader.Load(folder);
            versions.Add((model, ShapeChange.Apply(versions.LastOrDefault().Shape, model, ModelView.HashOf(model), new HashSet<string>())));
        }

        return versions;
    }
}
