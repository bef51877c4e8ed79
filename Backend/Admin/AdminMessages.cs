using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Rules;

namespace Backend.Admin;

/// <summary>Whose attempt at what is to be explained. One of <c>id</c> and <c>record</c> says which record is meant.</summary>
internal sealed record ExplainRequest
{
    public required ExplainedCaller Caller { get; init; }

    /// <summary><c>read</c>, <c>create</c>, <c>update</c> or <c>delete</c>.</summary>
    public required RecordOperation Operation { get; init; }

    public required string Collection { get; init; }

    /// <summary>Where the record lives; the collection's default for that caller when absent.</summary>
    public string? Scope { get; init; }

    /// <summary>A record of the store.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// A record that need not exist: its fields, and beside them <c>id</c>, <c>owner</c>, <c>createdAt</c> and
    /// <c>updatedAt</c> if the rules ask for them. For a create, what the caller would send.
    /// </summary>
    public JsonElement? Record { get; init; }

    /// <summary>What an update would change, as a merge patch; nothing when absent.</summary>
    public JsonElement? Changes { get; init; }
}

/// <param name="Id">The user, as <c>sub</c> of the token would say.</param>
/// <param name="Roles">The roles that the token would state.</param>
/// <param name="SpaceRole">The role in the space to assume; the caller's own when absent.</param>
internal sealed record ExplainedCaller(string Id, IReadOnlyList<string>? Roles = null, string? SpaceRole = null);

/// <param name="Allowed">Whether the caller would get through.</param>
/// <param name="Scope">The scope that was asked about.</param>
/// <param name="EntersScope">Whether the caller reaches that scope at all; without that the rules do not count.</param>
/// <param name="DecidedBy">
/// What denied: <c>scope</c>, or the operation whose rule did. When nothing did, the operation.
/// </param>
/// <param name="Rules">
/// The rules that were asked: to change or delete a record the caller must be able to read it, so that comes first.
/// </param>
internal sealed record ExplainAnswer(
    bool Allowed, string Scope, bool EntersScope, string DecidedBy, IReadOnlyList<ExplainedRule> Rules);

/// <param name="Operation">The operation that the rule is for.</param>
/// <param name="Rule">The rule as the model has it.</param>
/// <param name="Allowed">Its answer.</param>
/// <param name="OfPrevious">Whether the clauses show the record as it was before the update.</param>
/// <param name="Clauses">Every part between the logical operators, in the order of the text.</param>
internal sealed record ExplainedRule(
    RecordOperation Operation, string Rule, bool Allowed, bool OfPrevious, IReadOnlyList<ExplainedClause> Clauses);

/// <param name="Text">The clause as the rule has it.</param>
/// <param name="Position">Where it starts in the rule, from 0.</param>
/// <param name="Value">Its value.</param>
/// <param name="Decided">Whether the rule's answer rests on it.</param>
/// <param name="Names">What the names in it stood for.</param>
internal sealed record ExplainedClause(
    string Text, int Position, bool Value, bool Decided, IReadOnlyList<ExplainedName> Names);

/// <param name="Name">The name as the clause has it.</param>
/// <param name="Value">Its value as JSON text; long ones are cut.</param>
internal sealed record ExplainedName(string Name, string Value);

[JsonSerializable(typeof(ExplainRequest))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class AdminJsonContext : JsonSerializerContext;
