using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Backend.Records;

/// <summary>
/// A weak validator of an answer that several records make up: a hash of their ids and versions, which change with
/// everything in them. What else the answer depends on is in its URL.
/// </summary>
internal static class RecordValidator
{
    private const int Bytes = 16;

    public static string Of(IReadOnlyList<StoredRecord> records, RecordShape? shape, string? next = null, long? count = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var record in records)
        {
            Append(hash, record);
            foreach (var field in shape?.Expanded?.Fields ?? [])
            {
                Append(hash, shape?.Expanded?.Find(record, field));
            }
        }

        Append(hash, next ?? "");
        Append(hash, count?.ToString(CultureInfo.InvariantCulture) ?? "");
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Bytes));
    }

    private static void Append(IncrementalHash hash, StoredRecord? record)
    {
        Append(hash, record?.Key.Id.Value ?? "");
        Append(hash, record?.ETag.Value ?? "");
    }

    /// <summary>No part has a line feed, so that two parts are never one.</summary>
    private static void Append(IncrementalHash hash, string part) => hash.AppendData(Encoding.UTF8.GetBytes(part + "\n"));
}
