using Microsoft.Extensions.Options;

namespace Backend.Model.History;

/// <summary>Changes of the model that would otherwise stop the start.</summary>
public sealed class ModelChangeOptions
{
    public const string Section = "ModelChanges";

    /// <summary>
    /// Fields (<c>notes.title</c>) whose type may change, and collections (<c>notes.scope</c>) that may lose a kind of
    /// scope, because no record holds an old value any more. Without effect once such a change has been made.
    /// </summary>
    public IList<string> Accept { get; set; } = [];
}

internal sealed class ModelChangeOptionsValidator : IValidateOptions<ModelChangeOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelChangeOptions options)
    {
        var wrong = options.Accept.Where(entry => entry.Split('.') is not [{ Length: > 0 }, { Length: > 0 }]).ToList();
        return wrong.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(entry => $"ModelChanges:Accept has '{entry}': expected collection.field or collection.scope"));
    }
}
