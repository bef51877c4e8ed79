using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Backend.Sync.V1;

namespace Functions.Tests.Sync;

/// <summary>
/// What a client makes of docs/sync.proto by the code that protoc generates and the comments in the file: the JSON's
/// messages in Protocol Buffers, and back. It shares nothing with the server's own reading and writing.
/// </summary>
internal static partial class SyncWire
{
    public static SyncRequest RequestOf(JsonObject json)
    {
        var request = new SyncRequest();
        Set<string>(json, "client", value => request.Client = value);
        Set<int>(json, "schema", value => request.Schema = value);
        Set<int>(json, "limit", value => request.Limit = value);
        request.Push.AddRange((json["push"]?.AsArray() ?? []).Select(mutation => MutationOf(mutation!.AsObject())));
        request.Pull.AddRange((json["pull"]?.AsArray() ?? []).Select(pull => PullOf(pull!.AsObject())));
        return request;
    }

    public static Mutation MutationOf(JsonObject json)
    {
        var mutation = new Mutation();
        Set<long>(json, "seq", value => mutation.Seq = value);
        Set<string>(json, "op", value => mutation.Op = value switch { "put" => Op.Put, "patch" => Op.Patch, "delete" => Op.Delete, _ => (Op)99 });
        Set<string>(json, "collection", value => mutation.Collection = value);
        Set<string>(json, "id", value => mutation.Id = value);
        Set<string>(json, "scope", value => mutation.Scope = value);
        Set<string>(json, "stamp", value => mutation.Stamp = ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Set<string>(json, "base", value => mutation.Base = ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Set<string>(json, "group", value => mutation.Group = value);
        Set<string>(json, "sentAt", value => mutation.SentAt = DateTimeOffset.Parse(value, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds());
        if (json["fields"] is JsonObject fields)
        {
            mutation.Fields = ObjectOf(fields);
        }

        return mutation;
    }

    public static Value ValueOf(JsonNode? json) => json switch
    {
        null => new Value { Null = Null.Null },
        JsonArray array => new Value { List = ListOf(array) },
        JsonObject members when IsOperation(members) => new Value { Operation = OperationOf(members) },
        JsonObject members => new Value { Object = ObjectOf(members) },
        _ => json.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => new Value { Boolean = json.GetValue<bool>() },
            JsonValueKind.String => new Value { Text = json.GetValue<string>() },
            _ when json.AsValue().TryGetValue<long>(out var integer) && json.ToJsonString() == $"{integer}" => new Value { Integer = integer },
            _ => new Value { Decimal = json.ToJsonString() },
        },
    };

    private static Pull PullOf(JsonObject json)
    {
        var pull = new Pull();
        Set<string>(json, "scope", value => pull.Scope = value);
        Set<string>(json, "cursor", value => pull.Cursor = value);
        Set<bool>(json, "checksum", value => pull.Checksum = value);
        pull.Collections.AddRange((json["collections"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()));
        return pull;
    }

    private static bool IsOperation(JsonObject json) =>
        json.Count > 0 && json.All(member => member.Key switch
        {
            "$increment" => member.Value?.GetValueKind() is JsonValueKind.Number && member.Value.AsValue().TryGetValue<long>(out _),
            "$add" or "$remove" => member.Value is JsonArray,
            _ => false,
        });

    private static Operation OperationOf(JsonObject json)
    {
        var operation = new Operation();
        Set<long>(json, "$increment", value => operation.Increment = value);
        operation.Add = json["$add"] is JsonArray added ? ListOf(added) : null;
        operation.Remove = json["$remove"] is JsonArray removed ? ListOf(removed) : null;
        return operation;
    }

    private static ObjectValue ObjectOf(JsonObject json)
    {
        var value = new ObjectValue();
        foreach (var (name, member) in json)
        {
            value.Members.Add(name, ValueOf(member));
        }

        return value;
    }

    private static ListValue ListOf(JsonArray array)
    {
        var list = new ListValue();
        list.Values.AddRange(array.Select(ValueOf));
        return list;
    }

    private static void Set<T>(JsonObject json, string name, Action<T> set)
    {
        if (json[name] is { } value)
        {
            // Read anew: a node that was made of an int would not be a long.
            set(JsonNode.Parse(value.ToJsonString())!.GetValue<T>());
        }
    }
}
