using System.Collections.Frozen;
using System.Text.Json;
using Backend.Http;
using Backend.Model;
using Backend.Rules;
using Backend.Security;

namespace Backend.Records;

/// <summary>Plans a new record, under an id that the client chose or a new one.</summary>
internal sealed class PlanCreate(RecordAccess access, FinishPlan finish, TimeProvider time)
{
    private static readonly FrozenSet<string> Address = new[] { "id", "scope" }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="caller">Who becomes the owner.</param>
    /// <param name="request">What was sent.</param>
    /// <param name="birth">What an earlier attempt of the same request chose; null to choose now.</param>
    /// <param name="ct">Cancels hooks and reads.</param>
    public async Task<WritePlan> ExecuteAsync(Caller caller, CreateRequest request, Birth? birth, CancellationToken ct)
    {
        if (!access.TryGetCollection(request.Collection, out var model))
        {
            return new WritePlan.Refused(new RecordOutcome.CollectionNotFound(request.Collection));
        }

        var addressErrors = new List<FieldError>();
        var stated = ReadId(request, addressErrors);
        var scopeText = ReadString(request.Body, "scope", addressErrors) ?? request.Scope;
        var errors = RecordInput.Create(model, request.Body, Address, out var fields);
        if (addressErrors.Count + errors.Count > 0)
        {
            return new WritePlan.Refused(new RecordOutcome.Invalid([.. addressErrors, .. errors]));
        }

        return await access.ResolveAsync(caller, model, scopeText, ct) is { } entered
            ? await ExecuteAsync(entered, model, birth ?? NewBirth(stated), fields, ct)
            : new WritePlan.Refused(new RecordOutcome.ScopeNotFound(scopeText));
    }

    /// <summary>As above, with fields alone, in a scope that the caller has entered already.</summary>
    public async Task<WritePlan> ExecuteAsync(
        ScopeAccess entered, CollectionModel model, Birth birth, JsonElement body, CancellationToken ct)
    {
        var errors = RecordInput.Create(model, body, FrozenSet<string>.Empty, out var fields);
        return errors.Count > 0
            ? new WritePlan.Refused(new RecordOutcome.Invalid(errors))
            : await ExecuteAsync(entered, model, birth, fields, ct);
    }

    /// <param name="id">The id that the client chose; null for a new one.</param>
    public Birth NewBirth(RecordId? id)
    {
        var now = time.GetUtcNow();
        return new Birth(id ?? RecordId.New(now), now);
    }

    private async Task<WritePlan> ExecuteAsync(
        ScopeAccess entered, CollectionModel model, Birth birth, RecordFields fields, CancellationToken ct)
    {
        var record = new StoredRecord
        {
            Key = new RecordKey(entered.Scope, model.Name, birth.Id),
            Owner = entered.Caller.Id,
            CreatedAt = birth.At,
            UpdatedAt = birth.At,
            Fields = fields,
        };
        return access.Allows(RecordOperation.Create, entered, record)
            ? await finish.ExecuteAsync(entered, RecordOperation.Create, model, null, record, null, ct)
            : new WritePlan.Refused(new RecordOutcome.Forbidden(RecordOperation.Create, model.Name));
    }

    private static RecordId? ReadId(CreateRequest request, List<FieldError> errors)
    {
        var text = ReadString(request.Body, "id", errors);
        if (request.Id is not null && text is not null && text != request.Id)
        {
            errors.Add(new FieldError("$.id", "id_mismatch", "The id is not the one in the URL."));
        }

        if ((request.Id ?? text) is not { } chosen)
        {
            return null;
        }

        if (RecordId.TryParse(chosen, out var id))
        {
            return id;
        }

        errors.Add(new FieldError("$.id", "invalid_id", RecordId.Requirement));
        return null;
    }

    private static string? ReadString(JsonElement body, string name, List<FieldError> errors)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.String)
        {
            return value.GetString();
        }

        errors.Add(new FieldError($"$.{name}", "wrong_type", "Expected a string."));
        return null;
    }
}

/// <summary>A new record, as sent.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Body">The fields; <c>id</c> and <c>scope</c> beside them.</param>
/// <param name="Id">The id when the URL states it; the body's may only repeat it.</param>
/// <param name="Scope">The scope when the URL states it.</param>
internal sealed record CreateRequest(string Collection, JsonElement Body, string? Id, string? Scope);

/// <summary>What identifies a record that is created, beside its owner.</summary>
internal readonly record struct Birth(RecordId Id, DateTimeOffset At);
