using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Sql;

/// <summary>
/// How one database writes what expressions are made of. Implementations turn out text only; they need no database.
/// Every condition they make can stand in a list joined by AND as it is.
/// Names come from the model and from the parser's identifiers (letters, digits, underscores), values are parameters.
/// </summary>
public abstract class SqlDialect
{
    private protected SqlDialect()
    {
    }

    internal abstract string True { get; }

    internal abstract string False { get; }

    internal abstract string Parameter(string name);

    /// <summary>A boolean as a parameter.</summary>
    internal abstract object Boolean(bool value);

    /// <summary>True where the place holds a value of the type; never null.</summary>
    internal abstract string IsOfType(IReadOnlyList<string> path, RuleType type);

    /// <summary>True where the place of a json field holds anything but null; never null.</summary>
    internal abstract string Exists(IReadOnlyList<string> path);

    /// <summary>True where the place holds this boolean; never null.</summary>
    internal abstract string Is(IReadOnlyList<string> path, bool value);

    /// <summary>The value at a place, where <see cref="IsOfType"/> is true.</summary>
    /// <param name="path">The place.</param>
    /// <param name="type">What it is read as.</param>
    /// <param name="isExact">Whether a whole number may keep digits that a double has not.</param>
    internal abstract string Value(IReadOnlyList<string> path, RuleType type, bool isExact);

    /// <summary>What every record has, as text; timestamps in the form that fields have.</summary>
    internal abstract string Record(RecordName name, string collection);

    /// <summary>The stored form of an id and what it has before the id proper.</summary>
    internal abstract (string Sql, string Prefix) StoredId(string collection);

    /// <summary>Compares when a record was written with a known instant.</summary>
    internal abstract string CompareTime(RecordName name, TokenKind kind, long instant, Func<object, string> addParameter);

    internal abstract string Arithmetic(TokenKind kind, string left, string right, List<string> guards);

    /// <summary>True where arithmetic has a result; never null.</summary>
    internal abstract string HasResult(string arithmetic);

    internal abstract string Concatenate(string left, string right);

    /// <summary>Whether a text in lower or upper case is a known text or has it in it. Only the letters of ASCII have a case.</summary>
    /// <param name="test">Null where the whole text is meant.</param>
    /// <param name="text">The text as it is kept.</param>
    /// <param name="isLower">To lower case, else to upper case.</param>
    /// <param name="wanted">What to look for.</param>
    /// <param name="addParameter">Makes a parameter of a value.</param>
    internal abstract string TestCased(TextTest? test, string text, bool isLower, string wanted, Func<object, string> addParameter);

    internal abstract string Size(IReadOnlyList<string> path);

    internal abstract string SetContains(IReadOnlyList<string> path, string text);

    internal abstract string Test(TextTest test, string text, string part);

    private protected static string SymbolOf(TokenKind kind) => kind is TokenKind.Equal ? "=" : SyntaxPrinter.SymbolOf(kind);

    internal static string Compare(string left, TokenKind kind, string right) => $"{left} {SymbolOf(kind)} {right}";
}
