using System.Text.RegularExpressions;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Docs;

/// <summary>A page of the documentation, as far as tests look into it.</summary>
internal sealed partial class Markdown
{
    private Markdown(string path, string text)
    {
        Path = path;
        Text = text;
    }

    public string Path { get; }

    public string Text { get; }

    /// <param name="path">Within the repository, for example <c>docs/api.md</c>.</param>
    public static Markdown Read(string path)
    {
        var full = System.IO.Path.Combine(RepositoryFiles.Root, path);
        return new Markdown(full, File.ReadAllText(full));
    }

    /// <summary>The pages that people start from, and everything in <c>docs/</c>.</summary>
    public static IEnumerable<Markdown> All() => Directory.EnumerateFiles(RepositoryFiles.Root, "*.md")
        .Concat(Directory.EnumerateFiles(System.IO.Path.Combine(RepositoryFiles.Root, "docs"), "*.md", SearchOption.AllDirectories))
        .Select(path => Read(System.IO.Path.GetRelativePath(RepositoryFiles.Root, path)));

    /// <summary>Code blocks with what stands after the opening fence, for example <c>json notes.json</c>.</summary>
    public IEnumerable<(string Info, string Code)> Blocks() =>
        Fence().Matches(Text).Select(block => (block.Groups[1].Value, block.Groups[2].Value));

    /// <summary>Targets of links to files and headings, not of those to the web.</summary>
    public IEnumerable<string> LocalLinks() => Link().Matches(Fence().Replace(Text, ""))
        .Select(link => link.Groups[1].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>The rows of all tables, cell by cell, without their headings.</summary>
    public IEnumerable<string[]> TableRows() => Text.Split('\n')
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    /// <summary>The text from one heading of the second level to the next.</summary>
    public string Section(string heading) =>
        Text.Split($"\n## {heading}\n") is [_, var rest]
            ? rest.Split("\n## ")[0]
            : throw new InvalidOperationException($"{Path} has no section {heading}");

    /// <summary>Whether a heading is reached by an anchor, as GitHub makes them.</summary>
    public bool HasAnchor(string anchor) => Heading().Matches(Fence().Replace(Text, ""))
        .Any(heading => NotInAnchors().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-') == anchor);

    [GeneratedRegex("^```(.*)\n((?:.*\n)*?)```", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{Nd} _-]")]
    private static partial Regex NotInAnchors();
}
