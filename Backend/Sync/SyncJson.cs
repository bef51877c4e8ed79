using System.Text.Json;
using Backend.Http;
using Backend.Sync.Push;
using Microsoft.AspNetCore.Http;

namespace Backend.Sync;

/// <summary>Reads an exchange in JSON, member by member: a hundred mutations are then parsed once, and not again one by one.</summary>
internal static class SyncJson
{
    /// <exception cref="RequestException">It is none.</exception>
    public static async Task<SyncExchange> ReadAsync(HttpContext context)
    {
        var body = await JsonBody.ReadObjectAsync(context);
        var errors = new List<FieldError>();
        var exchange = Read(body, errors);
        return errors.Count == 0 ? exchange : throw new RequestException(Problems.Invalid(errors));
    }

    /// <summary>Only without a number to answer under is a mutation the request's fault.</summary>
    internal static PushedMutation Read(JsonElement mutation, int index, List<FieldError> errors)
    {
        if (mutation.ValueKind is not JsonValueKind.Object
            || !mutation.TryGetProperty("seq"u8, out var number)
            || number.ValueKind is not JsonValueKind.Number
            || !number.TryGetInt64(out var seq))
        {
            errors.Add(new FieldError($"$.push[{index}].seq", "required", "Every mutation has its number."));
            return new PushedMutation { Seq = 0 };
        }

        return ReadMutation(mutation, seq);
    }

    private static SyncExchange Read(JsonElement body, List<FieldError> errors)
    {
        var members = new JsonMembers("$", errors);
        var (client, schema, limit) = ((string?)null, (int?)null, (int?)null);
        List<PushedMutation>? push = null;
        List<PullRequest>? pull = null;
        foreach (var member in body.EnumerateObject())
        {
            switch (member.Name)
            {
                case "client":
                    client = members.Text(member);
                    break;
                case "schema":
                    schema = members.Number(member);
                    break;
                case "push":
                    push = members.Elements(member, (mutation, i) => Read(mutation, i, errors));
                    break;
                case "pull":
                    pull = members.Elements(member, (request, i) => ReadPull(request, $"$.pull[{i}]", errors));
                    break;
                case "limit":
                    limit = members.Number(member);
                    break;
                default:
                    members.Unknown(member);
                    break;
            }
        }

        return new SyncExchange(client, schema, push ?? [], pull ?? [], limit);
    }

    private static PushedMutation ReadMutation(JsonElement mutation, long seq)
    {
        var errors = new List<FieldError>();
        var members = new JsonMembers("$", errors);
        var (op, collection, id, scope) = ("", "", "", (string?)null);
        var (stamp, known, group, sentAt) = ((string?)null, (string?)null, (string?)null, (DateTimeOffset?)null);
        JsonElement? fields = null;
        foreach (var member in mutation.EnumerateObject())
        {
            switch (member.Name)
            {
                case "seq":
                    break;
                case "op":
                    op = members.RequiredText(member);
                    break;
                case "collection":
                    collection = members.RequiredText(member);
                    break;
                case "id":
                    id = members.RequiredText(member);
                    break;
                case "scope":
                    scope = members.Text(member);
                    break;
                case "fields":
                    fields = member.Value;
                    break;
                case "stamp":
                    stamp = members.Text(member);
                    break;
                case "base":
                    known = members.Text(member);
                    break;
                case "group":
                    group = members.Text(member);
                    break;
                case "sentAt":
                    sentAt = members.Time(member);
                    break;
                default:
                    members.Unknown(member);
                    break;
            }
        }

        return PushedMutation.From(new MutationMessage(seq, op, collection, id, scope, fields, stamp, known, group, sentAt), errors);
    }

    private static PullRequest ReadPull(JsonElement request, string path, List<FieldError> errors)
    {
        if (request.ValueKind is not JsonValueKind.Object)
        {
            errors.Add(new FieldError(path, "wrong_type", "Expected an object."));
            return new PullRequest("");
        }

        var members = new JsonMembers(path, errors);
        var (scope, cursor, hasChecksum) = ((string?)null, (string?)null, false);
        List<string>? collections = null;
        foreach (var member in request.EnumerateObject())
        {
            switch (member.Name)
            {
                case "scope":
                    scope = members.RequiredText(member);
                    break;
                case "cursor":
                    cursor = members.Text(member);
                    break;
                case "collections":
                    collections = members.Elements(member, (name, i) => ReadName(name, $"{path}.collections[{i}]", errors));
                    break;
                case "checksum":
                    hasChecksum = members.Flag(member);
                    break;
                default:
                    members.Unknown(member);
                    break;
            }
        }

        if (scope is null)
        {
            members.Error(".scope", "required", "State which scope to read.");
        }

        return new PullRequest(scope ?? "", cursor, collections, hasChecksum);
    }

    private static string ReadName(JsonElement name, string path, List<FieldError> errors)
    {
        if (name.ValueKind is JsonValueKind.String)
        {
            return name.GetString() ?? "";
        }

        errors.Add(new FieldError(path, "wrong_type", "Expected a name."));
        return "";
    }
}
