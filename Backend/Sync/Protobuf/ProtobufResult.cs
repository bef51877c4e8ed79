using Backend.Merging;
using Backend.Records;
using Backend.Sync.Pull;
using Backend.Sync.Push;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Wire = Backend.Sync.V1;

namespace Backend.Sync.Protobuf;

/// <summary>Writes an exchange's answer in Protocol Buffers, as <see cref="SyncResult"/> does in JSON.</summary>
internal sealed class ProtobufResult(SyncOutcome.Done done, string mediaType) : IResult
{
    /// <summary>What there is about in a result, a scope or a record beside the fields of records.</summary>
    private const int BytesOfOthers = 160;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = Write(done);
        httpContext.Response.ContentType = mediaType;
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    /// <summary>
    /// What there is little of goes through generated messages. A record's fields go from the store's bytes to the wire's:
    /// as messages, a page takes many times its size, and much longer.
    /// </summary>
    public static ReadOnlyMemory<byte> Write(SyncOutcome.Done done)
    {
        var writer = new MessageWriter(capacity: (BytesOfOthers * (done.Results.Count + 1)) + done.Changes.Sum(static scope => BytesOf(scope)));
        foreach (var result in done.Results)
        {
            var message = writer.Begin(Wire.SyncResponse.ResultsFieldNumber);
            WriteResult(writer, result);
            writer.End(message);
        }

        foreach (var scope in done.Changes)
        {
            var message = writer.Begin(Wire.SyncResponse.ChangesFieldNumber);
            writer.Append(ChangesOf(scope));
            foreach (var record in scope.Records)
            {
                WriteRecord(writer, Wire.ScopeChanges.RecordsFieldNumber, record, scope: null);
            }

            writer.End(message);
        }

        writer.Append(new Wire.SyncResponse { ServerTime = done.ServerTime.ToUnixTimeMilliseconds() });
        return writer.Written;
    }

    private static int BytesOf(ScopeChanges scope) =>
        (int)scope.Bytes + (BytesOfOthers * (1 + scope.Records.Count + scope.Removed.Count));

    private static void WriteResult(MessageWriter writer, MutationResult result)
    {
        var message = new Wire.MutationResult { Seq = result.Seq, Status = StatusOf(result.Status) };
        if (result.Version is { } version)
        {
            message.Version = (ulong)version.Value;
        }

        if (result.Stamp is { } stamp)
        {
            message.Stamp = (ulong)stamp.Value;
        }

        if (result.Problem is { } problem)
        {
            message.Problem = new Wire.Problem { Status = problem.Status, Code = problem.Code, Detail = problem.Detail };
            message.Problem.Errors.AddRange((problem.Errors ?? []).Select(
                static error => new Wire.FieldError { Path = error.Path, Code = error.Code, Message = error.Message }));
        }

        writer.Append(message);
        if (result.Record is { } record)
        {
            WriteRecord(writer, Wire.MutationResult.RecordFieldNumber, record, record.Key.Scope.Value);
        }
    }

    /// <summary>All of it but the records.</summary>
    private static Wire.ScopeChanges ChangesOf(ScopeChanges scope)
    {
        var message = new Wire.ScopeChanges
        {
            Scope = scope.Scope.Value, HasMore = scope.HasMore, Revoked = scope.IsRevoked, Resync = scope.NeedsResync,
        };
        if (scope.Cursor is { } cursor)
        {
            message.Cursor = cursor;
        }

        message.Removed.AddRange(scope.Removed.Select(static record => new Wire.Removal
        {
            Collection = record.Key.Collection, Id = record.Key.Id.Value, Version = VersionOf(record),
        }));
        if (scope.Checksums is { } checksums)
        {
            message.Checksums = new Wire.Checksums();
            message.Checksums.Collections.AddRange(checksums.Select(static checksum => new Wire.Checksum
            {
                Collection = checksum.Collection,
                Count = checksum.Count,
                Hash = UnsafeByteOperations.UnsafeWrap(Convert.FromHexString(checksum.Hash)),
            }));
        }

        return message;
    }

    private static void WriteRecord(MessageWriter writer, int field, StoredRecord record, string? scope)
    {
        var reserved = new Wire.Record
        {
            Collection = record.Key.Collection,
            Id = record.Key.Id.Value,
            Version = VersionOf(record),
            Owner = record.Owner,
            CreatedAt = record.CreatedAt.ToUnixTimeMilliseconds(),
            UpdatedAt = record.UpdatedAt.ToUnixTimeMilliseconds(),
            Etag = record.ETag.Value,
            Deleted = record.Deleted,
        };
        if (scope is not null)
        {
            reserved.Scope = scope;
        }

        var message = writer.Begin(field);
        writer.Append(reserved);
        JsonToValues.WriteMembers(writer, Wire.Record.FieldsFieldNumber, record.Fields.Utf8.Span);
        writer.End(message);
    }

    private static ulong VersionOf(StoredRecord record) => (ulong)MergeState.VersionOf(record).Value;

    private static Wire.Status StatusOf(MutationStatus status) => status switch
    {
        MutationStatus.Applied => Wire.Status.Applied,
        MutationStatus.Merged => Wire.Status.Merged,
        MutationStatus.Conflict => Wire.Status.Conflict,
        MutationStatus.Rejected => Wire.Status.Rejected,
        MutationStatus.Retry => Wire.Status.Retry,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
