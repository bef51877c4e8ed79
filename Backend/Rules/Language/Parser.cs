namespace Backend.Rules.Language;

/// <summary>
/// Reads an expression by recursive descent (the grammar is in docs/rules.md). Stops at the first error, never throws,
/// and keeps within <see cref="RuleLimits"/> while it reads, so that no text costs more than its length.
/// </summary>
internal sealed partial class Parser
{
    private Lexer _lexer;
    private Token _token;
    private RuleError? _error;
    private int _nodes;
    private int _depth;
    private int _end;

    private Parser(string text)
    {
        _lexer = new Lexer(text);
        Advance();
    }

    /// <summary>The tree, or null and what is wrong.</summary>
    public static (Syntax? Syntax, RuleError? Error) Parse(string text)
    {
        if (text.Length > RuleLimits.MaxLength)
        {
            var message = $"the text has {text.Length} characters; at most {RuleLimits.MaxLength} are allowed";
            return (null, new RuleError(message, RuleLimits.MaxLength, text.Length - RuleLimits.MaxLength));
        }

        var parser = new Parser(text);
        var syntax = parser.ParseOr();
        if (parser._error is null && parser._token.Kind is not TokenKind.End)
        {
            parser.Fail(parser._token, parser.DescribeSurplus());
        }

        return parser._error is null ? (syntax, null) : (null, parser._error);
    }

    private Syntax? ParseOr() => ParseLogical(TokenKind.Or, static parser => parser.ParseAnd());

    private Syntax? ParseAnd() => ParseLogical(TokenKind.And, static parser => parser.ParseComparison());

    private Syntax? ParseLogical(TokenKind kind, Func<Parser, Syntax?> parseTerm)
    {
        var first = parseTerm(this);
        if (_token.Kind != kind || first is null)
        {
            return first;
        }

        var terms = new List<Syntax> { first };
        var start = terms[0].Start;
        while (_token.Kind == kind)
        {
            Advance();
            if (parseTerm(this) is not { } term)
            {
                return null;
            }

            terms.Add(term);
        }

        return Keep(new LogicalSyntax(kind, terms, start, _end));
    }

    private Syntax? ParseComparison()
    {
        var start = _token.Start;
        var left = ParseSum();
        if (left is null || !IsComparison(_token))
        {
            return left;
        }

        var kind = _token.Kind;
        Advance();
        if (ParseSum() is not { } right)
        {
            return null;
        }

        return IsComparison(_token)
            ? Fail(_token, "comparisons do not chain; join two with && or use parentheses")
            : Keep(new BinarySyntax(kind, left, right, start, _end));
    }

    private Syntax? ParseSum()
    {
        var start = _token.Start;
        var left = ParseProduct();
        while (left is not null && _token.Kind is TokenKind.Plus or TokenKind.Minus)
        {
            var kind = _token.Kind;
            Advance();
            left = ParseProduct() is { } right ? Keep(new BinarySyntax(kind, left, right, start, _end)) : null;
        }

        return left;
    }

    private Syntax? ParseProduct()
    {
        var start = _token.Start;
        var left = ParseUnary();
        while (left is not null && _token.Kind is TokenKind.Times or TokenKind.Divide or TokenKind.Remainder)
        {
            var kind = _token.Kind;
            Advance();
            left = ParseUnary() is { } right ? Keep(new BinarySyntax(kind, left, right, start, _end)) : null;
        }

        return left;
    }

    private Syntax? ParseUnary()
    {
        // Everything that nests comes through here, so this is where the stack is guarded.
        if (_depth == RuleLimits.MaxDepth)
        {
            return FailDepth(_token.Start, _token.End);
        }

        _depth++;
        var syntax = _token.Kind is TokenKind.Not or TokenKind.Minus ? ParseOperator() : ParsePrimary();
        _depth--;
        return syntax;
    }

    private Syntax? ParseOperator()
    {
        var token = _token;
        Advance();
        return ParseUnary() switch
        {
            null => null,
            NumberSyntax { Value: >= 0 } number when token.Kind is TokenKind.Minus =>
                new NumberSyntax(-number.Value, token.Start, number.End),
            var operand => Keep(new UnarySyntax(token.Kind, operand, token.Start)),
        };
    }

    private static bool IsComparison(Token token) =>
        token.Kind is >= TokenKind.Equal and <= TokenKind.GreaterOrEqual
        || (token.Kind is TokenKind.Name && token.Text == "in");

    private string DescribeSurplus() => (_token.Kind, _token.Text) switch
    {
        (TokenKind.Name, "and") => "'and' is written &&",
        (TokenKind.Name, "or") => "'or' is written ||",
        (TokenKind.Name, "not") => "'not in' is written !(… in …)",
        _ => "expected an operator or the end",
    };

    private bool Expect(TokenKind kind, string message)
    {
        if (_token.Kind != kind)
        {
            Fail(_token, message);
            return false;
        }

        Advance();
        return true;
    }

    private Syntax? Keep(Syntax syntax)
    {
        if (syntax.Depth > RuleLimits.MaxDepth)
        {
            return FailDepth(syntax.Start, syntax.End);
        }

        return ++_nodes <= RuleLimits.MaxNodes
            ? syntax
            : Fail(_token, $"the expression has more than {RuleLimits.MaxNodes} operands and operators");
    }

    private Syntax? FailDepth(int start, int end) =>
        Fail(new Token(TokenKind.Error, start, end), $"the expression is nested deeper than {RuleLimits.MaxDepth} levels");

    /// <summary>Keeps the first error and ends the reading. A token that is none says itself what is wrong.</summary>
    private Syntax? Fail(Token token, string message)
    {
        var own = token.Kind is TokenKind.Error ? token.Text : null;
        _error ??= new RuleError(own ?? message, token.Start, token.End - token.Start);
        return null;
    }

    private void Advance()
    {
        _end = _token.End;
        _token = _lexer.Next();
    }
}
