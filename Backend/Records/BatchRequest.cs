using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backend.Records;

/// <summary>Several writes of one scope that happen together or not at all.</summary>
internal sealed record BatchRequest
{
    /// <summary>The scope of every operation; the collections' default one when absent.</summary>
    public string? Scope { get; init; }

    /// <summary>1 to <see cref="RecordOptions.MaxBatchSize"/>, each of another record.</summary>
    public required IReadOnlyList<BatchOperation?> Operations { get; init; }
}

/// <param name="Op"><c>create</c>, <c>put</c>, <c>patch</c> or <c>delete</c>.</param>
/// <param name="Collection">The collection's name.</param>
/// <param name="Id">The record; may be absent for <c>create</c>, where the server then chooses one.</param>
/// <param name="Fields">What a single request has as its body; absent for <c>delete</c>.</param>
/// <param name="IfMatch">The version that the operation is based on, as in If-Match; not for <c>create</c>.</param>
internal sealed record BatchOperation(
    string Op, string Collection, string? Id = null, JsonElement? Fields = null, string? IfMatch = null)
{
    public const string Create = "create";
    public const string Put = "put";
    public const string Patch = "patch";
    public const string Delete = "delete";

    public static readonly IReadOnlyList<string> Known = [Create, Put, Patch, Delete];
}

/// <summary>The shape of a batch's answer, for the OpenAPI description; <see cref="BatchAnswer"/> writes it.</summary>
internal sealed record BatchResults(IReadOnlyList<BatchResults.Result> Results)
{
    /// <param name="Status">What the single request would have answered: 200, 201 or 204.</param>
    /// <param name="Record">The record as it was written; absent after a deletion.</param>
    internal sealed record Result(int Status, JsonElement? Record);
}

[JsonSerializable(typeof(BatchRequest))]
[JsonSerializable(typeof(BatchResults))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class BatchJsonContext : JsonSerializerContext;
