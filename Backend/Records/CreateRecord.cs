using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using Backend.Hooks;
using Backend.Http;
using Backend.Rules;
using Backend.Security;

namespace Backend.Records;

/// <summary>Adds a record, under an id that the client chose or a new one.</summary>
internal sealed class CreateRecord(RecordAccess access, RecordHooks hooks, IRecordStore store, TimeProvider time)
{
    private static readonly FrozenSet<string> Address = new[] { "id", "scope" }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="caller">Who becomes the owner.</param>
    /// <param name="collection">The collection's name.</param>
    /// <param name="body">The fields; <c>id</c> and <c>scope</c> beside them.</param>
    /// <param name="id">The id when the URL states it; the body's may only repeat it.</param>
    /// <param name="statedScope">The scope when the URL states it.</param>
    /// <param name="ct">Cancels the request; a write that was handed to the store is carried out.</param>
    public async Task<RecordOutcome> ExecuteAsync(
        Caller caller, string collection, JsonElement body, string? id, string? statedScope, CancellationToken ct)
    {
        if (!access.TryGetCollection(collection, out var model))
        {
            return new RecordOutcome.CollectionNotFound(collection);
        }

        var addressErrors = new List<FieldError>();
        var recordId = ReadId(body, id, addressErrors);
        var scopeText = ReadString(body, "scope", addressErrors) ?? statedScope;
        var errors = RecordInput.Create(model, body, Address, out var fields);
        if (addressErrors.Count + errors.Count > 0)
        {
            return new RecordOutcome.Invalid([.. addressErrors, .. errors]);
        }

        if (await access.ResolveAsync(caller, model, scopeText, ct) is not { } entered)
        {
            return new RecordOutcome.ScopeNotFound(scopeText);
        }

        var now = time.GetUtcNow();
        var record = new StoredRecord
        {
            Key = new RecordKey(entered.Scope, collection, recordId),
            Owner = caller.Id,
            CreatedAt = now,
            UpdatedAt = now,
            Fields = fields,
        };
        if (!access.Allows(RecordOperation.Create, entered, record))
        {
            return new RecordOutcome.Forbidden(RecordOperation.Create, collection);
        }

        return await hooks.BeforeAsync(caller, RecordOperation.Create, model, null, record, ct) switch
        {
            HookOutcome.Passed passed => await StoreAsync(caller, passed.Record, passed.Write, ct),
            HookOutcome.Rejected rejected => new RecordOutcome.Rejected(rejected.Rejection),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<RecordOutcome> StoreAsync(Caller caller, StoredRecord record, RecordWrite? write, CancellationToken ct)
    {
        var outcome = await store.CreateAsync(record, ct);
        if (outcome is WriteOutcome.Conflict { Current: { Deleted: true } tombstone })
        {
            // The id of a deleted record may be used again by its owner alone: nobody else takes over what others point at.
            outcome = tombstone.Owner == caller.Id ? await store.ReplaceAsync(record, tombstone.ETag, ct) : outcome;
        }

        if (outcome is not WriteOutcome.Written written)
        {
            return new RecordOutcome.AlreadyExists(record.Key.Collection, record.Key.Id.Value);
        }

        await hooks.AfterAsync(write, written.Record, ct);
        return new RecordOutcome.Created(written.Record);
    }

    private RecordId ReadId(JsonElement body, string? fromUrl, List<FieldError> errors)
    {
        var text = ReadString(body, "id", errors);
        if (fromUrl is not null && text is not null && text != fromUrl)
        {
            errors.Add(new FieldError("$.id", "id_mismatch", "The id is not the one in the URL."));
        }

        if ((fromUrl ?? text) is not { } chosen)
        {
            return RecordId.New(time.GetUtcNow());
        }

        if (!RecordId.TryParse(chosen, out var id))
        {
            errors.Add(new FieldError(
                "$.id", "invalid_id", $"An id has 1 to {RecordId.MaxLength} letters, digits, hyphens and underscores."));
        }

        return id;
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
