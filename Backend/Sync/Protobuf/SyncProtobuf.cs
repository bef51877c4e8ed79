using System.Globalization;
using System.Text.Json;
using Backend.Http;
using Backend.Sync.Push;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Wire = Backend.Sync.V1;

namespace Backend.Sync.Protobuf;

/// <summary>Reads an exchange in Protocol Buffers (docs/sync.proto), into what <see cref="SyncJson"/> reads one into.</summary>
internal static class SyncProtobuf
{
    /// <summary>The depth of <c>fields</c> in a request in JSON: the request, its mutations, one of them, its fields.</summary>
    private const int FieldsDepth = 4;

    /// <summary>Messages around the values, and one level of JSON more than is allowed, so that its place can be told.</summary>
    private const int DepthAroundValues = 8;

    /// <summary>A value, its object, a member.</summary>
    private const int MessagesPerLevel = 3;

    /// <exception cref="RequestException">It is none.</exception>
    public static async Task<SyncExchange> ReadAsync(HttpContext context) =>
        Read(await RequestBody.ReadAsync(context), JsonBody.MaxDepth(context));

    /// <param name="body">The message's bytes.</param>
    /// <param name="maxDepth">How deep the same request may be nested in JSON.</param>
    /// <exception cref="RequestException">It is none.</exception>
    public static SyncExchange Read(ReadOnlyMemory<byte> body, int maxDepth)
    {
        var request = Parse(body, maxDepth);
        var errors = new List<FieldError>();
        AddUnknown(request.Unknown, "$", errors);
        var push = request.Push.Select((mutation, i) => Read(mutation, i, maxDepth, errors)).ToList();
        var pull = request.Pull.Select((wanted, i) => Read(wanted, i, errors)).ToList();
        return errors.Count == 0
            ? new SyncExchange(
                request.HasClient ? request.Client : null, request.HasSchema ? request.Schema : null, push, pull,
                request.HasLimit ? request.Limit : null)
            : throw new RequestException(Problems.Invalid(errors));
    }

    private static Wire.SyncRequest Parse(ReadOnlyMemory<byte> body, int maxDepth)
    {
        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            using var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, DepthAroundValues + (MessagesPerLevel * maxDepth));
            return Wire.SyncRequest.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new RequestException(exception.Message.Contains("levels of nesting", StringComparison.Ordinal)
                ? Problems.Invalid("$", "too_deep", $"The request is nested deeper than {maxDepth} levels.")
                : Problems.Invalid("$", "malformed_protobuf", $"Not a SyncRequest of docs/sync.proto: {exception.Message}"));
        }
    }

    /// <summary>Only without a number to answer under is a mutation the request's fault.</summary>
    private static PushedMutation Read(Wire.Mutation mutation, int index, int maxDepth, List<FieldError> errors)
    {
        if (mutation.Seq == 0)
        {
            errors.Add(new FieldError($"$.push[{index}].seq", "required", "Every mutation has its number."));
            return new PushedMutation { Seq = 0 };
        }

        var found = new List<FieldError>();
        AddUnknown(mutation.Unknown, "$", found);
        var message = new MutationMessage(
            mutation.Seq, NameOf(mutation.Op), mutation.Collection, mutation.Id, mutation.HasScope ? mutation.Scope : null,
            ReadFields(mutation.Fields, maxDepth, found), mutation.HasStamp ? TextOf(mutation.Stamp) : null,
            mutation.HasBase ? TextOf(mutation.Base) : null, mutation.HasGroup ? mutation.Group : null,
            mutation.HasSentAt ? ReadTime(mutation.SentAt, found) : null);
        return PushedMutation.From(message, found);
    }

    private static JsonElement? ReadFields(Wire.ObjectValue? fields, int maxDepth, List<FieldError> errors)
    {
        if (fields is null)
        {
            return null;
        }

        if (ValuesToJson.TryConvert(fields, FieldsDepth, maxDepth, out var json) is { } error)
        {
            errors.Add(error with { Path = $"$.fields{error.Path}" });
            return PushedMutation.NoFields;
        }

        return json;
    }

    private static PullRequest Read(Wire.Pull pull, int index, List<FieldError> errors)
    {
        AddUnknown(pull.Unknown, $"$.pull[{index}]", errors);
        return new PullRequest(
            pull.Scope, pull.HasCursor ? pull.Cursor : null, pull.Collections.Count > 0 ? [.. pull.Collections] : null, pull.Checksum);
    }

    private static void AddUnknown(UnknownFieldSet? unknown, string path, List<FieldError> errors)
    {
        if (UnknownFields.FindError(unknown, path) is { } error)
        {
            errors.Add(error);
        }
    }

    private static string NameOf(Wire.Op op) => op switch
    {
        Wire.Op.Put => "put",
        Wire.Op.Patch => "patch",
        Wire.Op.Delete => "delete",
        _ => "",
    };

    /// <summary>As text, so that one too large is refused as one in JSON is.</summary>
    private static string TextOf(ulong stamp) => stamp.ToString("x16", CultureInfo.InvariantCulture);

    private static DateTimeOffset? ReadTime(long milliseconds, List<FieldError> errors)
    {
        if (milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }

        errors.Add(new FieldError("$.sentAt", "invalid_timestamp", "Expected milliseconds since 1970 of the years 1 to 9999."));
        return null;
    }
}
