using System.Text.Json;
using Backend.Http;
using Backend.Model;

namespace Backend.Records;

/// <summary>
/// Checks that what a client points to with a <c>checked</c> field is there and may be read by the client. It is a look
/// at one moment: who deletes a record does not ask who points to it.
/// </summary>
internal sealed class ReferenceChecks(AppModel model, RecordAccess access, IRecordStore store)
{
    /// <param name="entered">Who writes, and where.</param>
    /// <param name="collection">The collection that is written to.</param>
    /// <param name="before">The fields as they are; null when the record is created. A value that stays is not checked.</param>
    /// <param name="after">The fields as the client wants them.</param>
    /// <param name="ct">Cancels the request.</param>
    public ValueTask<IReadOnlyList<FieldError>> FindErrorsAsync(
        ScopeAccess entered, CollectionModel collection, RecordFields? before, RecordFields after, CancellationToken ct)
    {
        return collection.CheckedFields.Count == 0 ? ValueTask.FromResult<IReadOnlyList<FieldError>>([]) : FindAsync();

        async ValueTask<IReadOnlyList<FieldError>> FindAsync()
        {
            var errors = new List<FieldError>();
            foreach (var field in collection.CheckedFields)
            {
                if (NewValue(field, before, after) is { } id && !await ExistsAsync(entered, field, id, ct))
                {
                    errors.Add(new FieldError(
                        $"$.{field.Name}", "reference_not_found",
                        $"There is no record {id} in {field.Collection ?? AppModel.MediaCollection}, or you may not read it."));
                }
            }

            return errors;
        }
    }

    private static RecordId? NewValue(FieldModel field, RecordFields? before, RecordFields after) =>
        after.TryGet(field.Name, out var value)
        && !(before is not null && before.TryGet(field.Name, out var old) && JsonElement.DeepEquals(old, value))
        && RecordId.TryParse(value.GetString(), out var id)
            ? id
            : null;

    private async ValueTask<bool> ExistsAsync(ScopeAccess entered, FieldModel field, RecordId id, CancellationToken ct)
    {
        var target = field.Collection ?? AppModel.MediaCollection;
        if (entered.Creates.Contains(new RecordKey(entered.Scope, target, id)))
        {
            return true;
        }

        foreach (var scope in ScopesOf(entered, field))
        {
            var reached = scope == entered.Scope ? entered : await access.EnterAsync(entered.Caller, scope, ct);
            if (reached is not null && access.CanRead(reached, await store.FindAsync(new RecordKey(scope, target, id), ct)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the target may be: the record's own scope, or the target's public one.</summary>
    private IEnumerable<Scope> ScopesOf(ScopeAccess entered, FieldModel field)
    {
        yield return entered.Scope;
        if (field.Type is FieldType.Media)
        {
            // Media of public records live with who uploaded them.
            var own = Scope.ForUser(entered.Caller.Id);
            if (own != entered.Scope)
            {
                yield return own;
            }
        }
        else if (field.Collection is { } target && model.Collections[target].IsPublic && Scope.ForPublic(target) != entered.Scope)
        {
            yield return Scope.ForPublic(target);
        }
    }
}
