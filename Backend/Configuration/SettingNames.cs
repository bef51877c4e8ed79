using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Backend.Configuration;

/// <summary>Nothing but a way into the checks that the host makes when it starts, so that all errors are told at once.</summary>
internal sealed class SpelledSettings;

/// <summary>Finds settings of the product's sections that do not exist, and what was probably meant.</summary>
internal sealed class SettingNames(IConfiguration configuration, IEnumerable<KnownSection> sections) : IValidateOptions<SpelledSettings>
{
    public ValidateOptionsResult Validate(string? name, SpelledSettings options)
    {
        var unknown = new List<string>();
        // Several parts may each know some of a section.
        foreach (var section in sections.GroupBy(
            static section => section.Name, static section => section.Keys, static (name, keys) => new KnownSection(name, [.. keys.SelectMany(static key => key)])))
        {
            foreach (var setting in configuration.GetSection(section.Name).GetChildren())
            {
                if (!section.Keys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
                {
                    unknown.Add($"{section.Name}:{setting.Key} is not a setting; did you mean {section.Name}:{Nearest(setting.Key, section.Keys)}?");
                }
            }
        }

        return unknown.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(unknown);
    }

    private static string Nearest(string key, IReadOnlyList<string> known) =>
        known.MinBy(candidate => Distance(candidate.ToUpperInvariant(), key.ToUpperInvariant())) ?? "";

    /// <summary>The number of characters to insert, delete or replace (Levenshtein, 1965).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
