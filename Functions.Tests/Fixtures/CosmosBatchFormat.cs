using System.Net;
using System.Reflection;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Serialization.HybridRow;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.IO;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.Layouts;
using Microsoft.Azure.Cosmos.Serialization.HybridRow.RecordIO;

namespace Functions.Tests.Fixtures;

/// <summary>
/// The body of a transactional batch and of its answer: rows of HybridRow, in RecordIO. The format's reader and writer
/// are public types of the SDK's package; the layouts of the rows are internal to it, so they are read by reflection.
/// </summary>
internal static class CosmosBatchFormat
{
    private static readonly Type Schemas = typeof(CosmosClient).Assembly.GetType("Microsoft.Azure.Cosmos.BatchSchemaProvider")
        ?? throw new InvalidOperationException("This version of the SDK keeps the layouts of batches elsewhere.");

    private static readonly LayoutResolver Resolver = Read<LayoutResolver>("BatchLayoutResolver");

    private static readonly Layout ResultLayout = Read<Layout>("BatchResultLayout");

    public static async Task<IReadOnlyList<Operation>> ReadAsync(Stream body)
    {
        var operations = new List<Operation>();
        Check(await RecordIOStream.ReadRecordIOAsync(
            body,
            (ReadOnlyMemory<byte> record) =>
            {
                operations.Add(ReadOperation(record));
                return Result.Success;
            },
            (ReadOnlyMemory<byte> _) => Result.Success,
            new MemorySpanResizer<byte>(4096)));
        return operations;
    }

    public static async Task<byte[]> WriteAsync(IReadOnlyList<OperationResult> results)
    {
        var body = new MemoryStream();
        Check(await RecordIOStream.WriteRecordIOAsync(
            body,
            default,
            (long index, out ReadOnlyMemory<byte> buffer) =>
            {
                buffer = index < results.Count ? WriteResult(results[(int)index]) : default;
                return Result.Success;
            },
            new MemorySpanResizer<byte>(4096)));
        return body.ToArray();
    }

    private static Operation ReadOperation(ReadOnlyMemory<byte> record)
    {
        var row = new RowBuffer(record.Length);
        if (!row.ReadFrom(record.Span, HybridRowVersion.V1, Resolver))
        {
            throw new InvalidDataException("The batch has a row that is none.");
        }

        var (id, ifMatch, body) = ((string?)null, (string?)null, Array.Empty<byte>());
        var reader = new RowReader(ref row);
        while (reader.Read())
        {
            switch (reader.Path.ToString())
            {
                case "id":
                    Check(reader.ReadString(out id));
                    break;
                case "ifMatch":
                    Check(reader.ReadString(out ifMatch));
                    break;
                case "resourceBody":
                    Check(reader.ReadBinary(out body));
                    break;
            }
        }

        return new Operation(id, ifMatch, body);
    }

    private static byte[] WriteResult(OperationResult result)
    {
        var row = new RowBuffer(1024, new MemorySpanResizer<byte>(1024));
        row.InitLayout(HybridRowVersion.V1, ResultLayout, Resolver);
        Check(RowWriter.WriteBuffer(ref row, result, static (ref RowWriter writer, TypeArgument _, OperationResult result) =>
        {
            Check(writer.WriteInt32("statusCode", (int)result.Status));
            return result.ETag is null ? Result.Success : writer.WriteString("eTag", result.ETag);
        }));
        return row.ToArray();
    }

    private static void Check(Result result)
    {
        if (result is not Result.Success)
        {
            throw new InvalidDataException($"HybridRow says {result}.");
        }
    }

    private static T Read<T>(string property) =>
        Schemas.GetProperty(property, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?.GetValue(null) is T value
            ? value
            : throw new InvalidOperationException($"The SDK has no {property}.");

    /// <param name="Id">The item to replace; null to create one.</param>
    /// <param name="IfMatch">The version that it must have.</param>
    /// <param name="Body">The document.</param>
    internal sealed record Operation(string? Id, string? IfMatch, byte[] Body);

    internal sealed record OperationResult(HttpStatusCode Status, string? ETag = null);
}
