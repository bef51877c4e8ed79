using Backend.Http;
using Backend.Model.History;
using Microsoft.Extensions.Options;

namespace Backend.Sync;

/// <summary>Whether a client that was written for an earlier version of the model can still be served.</summary>
internal sealed class SchemaVersions(ModelHistory history, IOptions<SyncOptions> options)
{
    /// <summary>The version of the model as it is.</summary>
    public int Current => history.Shape.Version;

    /// <summary>The first version of which everything is still there.</summary>
    public int OldestServed => Math.Max(
        options.Value.OldestSchema,
        Parts().Select(static part => part.Removed ?? 1).DefaultIfEmpty(1).Max());

    /// <summary>
    /// What has changed since a version, if a client of that version can no longer be served: something that it knows is
    /// gone, or the operator says so. Null when it can.
    /// </summary>
    public IReadOnlyList<FieldError>? FindChanges(int schema)
    {
        var parts = Parts().ToList();
        var gone = parts.Where(part => part.Since <= schema && part.Removed > schema)
            .Select(static part => new FieldError(part.Name, "removed", $"Gone since version {part.Removed}."))
            .ToList();
        return gone.Count > 0 || schema < options.Value.OldestSchema
            ?
            [
                .. gone,
                .. parts.Where(part => part.Since > schema && part.Removed is null)
                    .Select(static part => new FieldError(part.Name, "added", $"New in version {part.Since}.")),
            ]
            : null;
    }

    /// <summary>Collections, for example <c>notes</c>, and their fields, for example <c>notes.title</c>.</summary>
    private IEnumerable<(string Name, int Since, int? Removed)> Parts() => history.Shape.Collections.SelectMany(
        static collection => collection.Value.Fields
            .Select(field => ($"{collection.Key}.{field.Key}", field.Value.Since, field.Value.Removed))
            .Prepend((collection.Key, collection.Value.Since, collection.Value.Removed)));
}
