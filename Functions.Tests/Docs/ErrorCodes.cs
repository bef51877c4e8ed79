using System.Reflection;
using System.Text.RegularExpressions;
using Backend;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Docs;

/// <summary>
/// Every <c>code</c> and <c>reason</c> that an answer can have, found in the sources: a list kept by hand would be
/// forgotten as easily as the page that it is compared with.
/// </summary>
internal static partial class ErrorCodes
{
    public static SortedSet<string> Find()
    {
        var codes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (folder, patterns) in Sources)
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*.cs", SearchOption.AllDirectories))
            {
                var code = Comment().Replace(File.ReadAllText(path), "");
                codes.UnionWith(patterns.SelectMany(pattern => pattern().Matches(code)).Select(match => match.Groups[1].Value));
                codes.UnionWith(CodeOfMethod().Matches(code).SelectMany(method => Word().Matches(method.Value)).Select(match => match.Groups[1].Value));
            }
        }

        var constants = typeof(BackendApplication).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reasons", StringComparison.Ordinal) || type.Name.EndsWith("Codes", StringComparison.Ordinal))
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => field.GetRawConstantValue()).OfType<string>();
        codes.UnionWith(constants);
        return codes;
    }

    /// <summary>
    /// In Backend every text of words joined by underscores is a code. Elsewhere, and for codes of one word, the place
    /// in a call tells.
    /// </summary>
    private static readonly (string Folder, Func<Regex>[] Patterns)[] Sources =
    [
        ("Backend", [JoinedWords, OfProblem, OfError, OfFieldProblem]),
        ("Local", [OfProblem, OfError, OfFieldProblem]),
    ];

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("\"([a-z]+(?:_[a-z]+)+)\"")]
    private static partial Regex JoinedWords();

    /// <summary><c>Problems.Create(status, "code", …)</c>.</summary>
    [GeneratedRegex("""Create\(\s*[^,"]+,\s*"([a-z_]+)",""")]
    private static partial Regex OfProblem();

    /// <summary><c>FieldError(path, "code", message)</c> and what calls it.</summary>
    [GeneratedRegex("""(?:FieldError|Error|Invalid)\(\s*(?:\$?"[^"]*"|[^,"]+),\s*"([a-z_]+)",""")]
    private static partial Regex OfError();

    [GeneratedRegex("""FieldProblem\(\s*"([a-z_]+)",""")]
    private static partial Regex OfFieldProblem();

    [GeneratedRegex(@"string CodeOf\([^)]*\) =>.*?;", RegexOptions.Singleline)]
    private static partial Regex CodeOfMethod();

    [GeneratedRegex("\"([a-z_]+)\"")]
    private static partial Regex Word();
}
