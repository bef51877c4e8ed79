using System.Text.Json;
using Backend.Http;

namespace Backend.Records;

/// <summary>What is wrong with a batch whatever the records are.</summary>
internal static class BatchChecks
{
    public static IReadOnlyList<FieldError> FindErrors(BatchRequest request, int maxOperations)
    {
        if (request.Operations.Count < 1 || request.Operations.Count > maxOperations)
        {
            return [new FieldError("$.operations", "out_of_range", $"Expected 1 to {maxOperations} operations.")];
        }

        var errors = new List<FieldError>();
        var records = new HashSet<(string, string)>();
        foreach (var (i, operation) in request.Operations.Index())
        {
            var path = $"$.operations[{i}]";
            // Annotations bind the serializer for properties, not for elements of lists.
            if (operation is null)
            {
                errors.Add(new FieldError(path, "wrong_type", "Expected an object."));
            }
            else if (!BatchOperation.Known.Contains(operation.Op))
            {
                errors.Add(new FieldError(
                    $"{path}.op", "not_in_enum", $"The value is none of {string.Join(", ", BatchOperation.Known)}."));
            }
            else
            {
                CheckId(operation, path, errors);
                CheckFields(operation, path, errors);
                if (operation.Id is { } id && !records.Add((operation.Collection, id)))
                {
                    errors.Add(new FieldError($"{path}.id", "duplicate", "A batch has one operation for a record."));
                }
            }
        }

        return errors;
    }

    private static void CheckId(BatchOperation operation, string path, List<FieldError> errors)
    {
        var isCreate = operation.Op == BatchOperation.Create;
        if (operation.Id is null && !isCreate)
        {
            errors.Add(new FieldError($"{path}.id", "required", "The field is missing."));
        }
        else if (operation.Id is not null && !RecordId.TryParse(operation.Id, out _))
        {
            errors.Add(new FieldError($"{path}.id", "invalid_id", RecordId.Requirement));
        }

        if (operation.IfMatch is not null && isCreate)
        {
            errors.Add(new FieldError($"{path}.ifMatch", "unknown_field", "A record that is created has no version yet."));
        }
    }

    private static void CheckFields(BatchOperation operation, string path, List<FieldError> errors)
    {
        if (operation.Op == BatchOperation.Delete)
        {
            if (operation.Fields is not null)
            {
                errors.Add(new FieldError($"{path}.fields", "unknown_field", "A deletion takes no fields."));
            }
        }
        else if (operation.Fields is not { } fields)
        {
            errors.Add(new FieldError($"{path}.fields", "required", "The field is missing."));
        }
        else if (fields.ValueKind is not JsonValueKind.Object)
        {
            errors.Add(new FieldError($"{path}.fields", "wrong_type", "Expected an object."));
        }
    }
}
