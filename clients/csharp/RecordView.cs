using System.Text.Json.Nodes;

namespace SyncClient;

/// <summary>
/// What a record looks like with mutations that the server's copy does not have yet: the server's merge rules, as far as
/// they concern a client that sees only its own mutations.
/// </summary>
internal static class RecordView
{
    private static readonly string[] Reserved =
        ["id", "scope", "collection", "owner", "createdAt", "updatedAt", "etag", "deleted", "$version"];

    /// <param name="record">The server's copy; null when there is none.</param>
    /// <param name="mutations">In the order in which they were made.</param>
    /// <returns>The record; null when it does not exist then.</returns>
    public static JsonObject? Apply(JsonObject? record, IEnumerable<Mutation> mutations)
    {
        var view = record?.DeepClone().AsObject();
        foreach (var mutation in mutations)
        {
            view = mutation.Op switch
            {
                "delete" => null,
                "put" => Put(view, mutation),
                _ => view is null ? null : Patch(view, mutation.Fields!),
            };
        }

        return view;
    }

    private static JsonObject Put(JsonObject? before, Mutation mutation)
    {
        var record = new JsonObject();
        foreach (var name in Reserved)
        {
            if (before?[name] is { } value)
            {
                record[name] = value.DeepClone();
            }
        }

        record["collection"] = mutation.Record.Collection;
        record["id"] = mutation.Record.Id;
        record["scope"] = mutation.Record.Scope;
        foreach (var (name, value) in mutation.Fields!)
        {
            // What an operation adds to is what was there; a whole value takes its place.
            record[name] = IsOperation(value) ? Operate(before?[name], value!.AsObject()) : value?.DeepClone();
        }

        return record;
    }

    private static JsonObject Patch(JsonObject record, JsonObject fields)
    {
        foreach (var (name, value) in fields)
        {
            if (value is null)
            {
                record.Remove(name);
            }
            else
            {
                record[name] = IsOperation(value) ? Operate(record[name], value.AsObject()) : value.DeepClone();
            }
        }

        return record;
    }

    private static bool IsOperation(JsonNode? value) => value is JsonObject { Count: > 0 } fields && fields.All(field => field.Key[0] == '$');

    private static JsonNode Operate(JsonNode? current, JsonObject operation)
    {
        if (operation["$increment"] is { } step)
        {
            return JsonNode.Parse($"{(current is null ? 0 : (long)current) + (long)step}")!;
        }

        var elements = Strings(current);
        var add = Strings(operation["$add"]);
        elements = [.. elements.Except(Strings(operation["$remove"]).Except(add)).Union(add)];
        return new JsonArray([.. elements.Select(element => (JsonNode)element)]);
    }

    private static List<string> Strings(JsonNode? array) => [.. array?.AsArray().Select(element => (string)element!) ?? []];
}
