using System.Globalization;
using System.Text.Json.Nodes;
using Backend.Sync.V1;
using Google.Protobuf.Collections;

namespace Functions.Tests.Sync;

/// <remarks>What the server says.</remarks>
internal static partial class SyncWire
{
    public static JsonObject JsonOf(SyncResponse response) => new()
    {
        ["results"] = new JsonArray([.. response.Results.Select(JsonOf)]),
        ["changes"] = new JsonArray([.. response.Changes.Select(JsonOf)]),
        ["serverTime"] = TimeOf(response.ServerTime),
    };

    public static JsonNode? JsonOf(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.Null => null,
        Value.KindOneofCase.Boolean => value.Boolean,
        Value.KindOneofCase.Integer => value.Integer,
        Value.KindOneofCase.Number => JsonNode.Parse(value.Number.ToString("R", CultureInfo.InvariantCulture)),
        Value.KindOneofCase.Decimal => JsonNode.Parse(value.Decimal),
        Value.KindOneofCase.Text => value.Text,
        Value.KindOneofCase.List => new JsonArray([.. value.List.Values.Select(JsonOf)]),
        Value.KindOneofCase.Object => Add(new JsonObject(), value.Object.Members),
        _ => throw new InvalidOperationException($"The server sent {value}"),
    };

    private static JsonObject JsonOf(MutationResult result)
    {
        var json = new JsonObject { ["seq"] = result.Seq, ["status"] = result.Status.ToString().ToLowerInvariant() };
        if (result.HasVersion)
        {
            json["version"] = StampOf(result.Version);
        }

        if (result.HasStamp)
        {
            json["stamp"] = StampOf(result.Stamp);
        }

        if (result.Record is { } record)
        {
            json["record"] = JsonOf(record, record.Scope);
        }

        if (result.Problem is { } problem)
        {
            json["problem"] = new JsonObject { ["status"] = problem.Status, ["code"] = problem.Code, ["detail"] = problem.Detail };
            if (problem.Errors.Count > 0)
            {
                json["problem"]!["errors"] = new JsonArray([.. problem.Errors.Select(error => new JsonObject
                {
                    ["path"] = error.Path, ["code"] = error.Code, ["message"] = error.Message,
                })]);
            }
        }

        return json;
    }

    private static JsonObject JsonOf(ScopeChanges changes)
    {
        var json = new JsonObject
        {
            ["scope"] = changes.Scope,
            ["cursor"] = changes.HasCursor ? changes.Cursor : null,
            ["hasMore"] = changes.HasMore,
        };
        if (changes.Revoked)
        {
            json["revoked"] = true;
        }

        if (changes.Resync)
        {
            json["resync"] = true;
        }

        json["records"] = new JsonArray([.. changes.Records.Select(record => JsonOf(record, changes.Scope))]);
        json["removed"] = new JsonArray([.. changes.Removed.Select(removal => new JsonObject
        {
            ["collection"] = removal.Collection, ["id"] = removal.Id, ["version"] = StampOf(removal.Version),
        })]);
        if (changes.Checksums is { } checksums)
        {
            json["checksums"] = new JsonArray([.. checksums.Collections.Select(checksum => new JsonObject
            {
                ["collection"] = checksum.Collection, ["count"] = checksum.Count, ["hash"] = Convert.ToHexStringLower(checksum.Hash.Span),
            })]);
        }

        return json;
    }

    private static JsonObject JsonOf(Backend.Sync.V1.Record record, string scope) => Add(
        new JsonObject
        {
            ["collection"] = record.Collection,
            ["id"] = record.Id,
            ["$version"] = StampOf(record.Version),
            ["scope"] = scope,
            ["owner"] = record.Owner,
            ["createdAt"] = TimeOf(record.CreatedAt),
            ["updatedAt"] = TimeOf(record.UpdatedAt),
            ["etag"] = record.Etag,
            ["deleted"] = record.Deleted,
        },
        record.Fields);

    private static JsonObject Add(JsonObject json, MapField<string, Value> members)
    {
        foreach (var (name, value) in members)
        {
            json[name] = JsonOf(value);
        }

        return json;
    }

    private static string StampOf(ulong stamp) => stamp.ToString("x16", CultureInfo.InvariantCulture);

    private static string TimeOf(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
