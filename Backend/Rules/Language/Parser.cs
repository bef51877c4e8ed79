namespace Backend.Rules.Language;

/// <summary>
/// Reads an expression by recursive descent (the grammar is in docs/rules.md). Stops at the first error, never throws,
/// and keeps within <see cref="RuleLimits"/> while it reads, so that no text costs more than its length.
/// </summary>
internal sealed class Parser
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

    private Syntax? ParsePrimary()
    {
        var token = _token;
        Advance();
        switch (token.Kind)
        {
            case TokenKind.Number:
                return Keep(new NumberSyntax(token.Number, token.Start, token.End));
            case TokenKind.Text:
                return Keep(new TextSyntax(token.Text ?? "", token.Start, token.End));
            case TokenKind.Name:
                return ParseName(token);
            case TokenKind.OpenBracket:
                return ParseItems(TokenKind.CloseBracket) is { } items
                    ? Keep(new ListSyntax(items, token.Start, _end, DepthOf(items)))
                    : null;
            case TokenKind.OpenParenthesis:
                var inner = ParseOr();
                return inner is not null && Expect(TokenKind.CloseParenthesis, "the parenthesis is not closed; expected )")
                    ? inner with { Start = token.Start, End = _end }
                    : null;
            case TokenKind.End:
                return Fail(token, "the text ends where a value is expected");
            default:
                return Fail(token, "expected a value: a name, a text in quotes, a number, true, false, null, a list or (");
        }
    }

    private Syntax? ParseName(Token token)
    {
        switch (token.Text)
        {
            case "true" or "false":
                return Keep(new BooleanSyntax(token.Text == "true", token.Start, token.End));
            case "null":
                return Keep(new NullSyntax(token.Start, token.End));
            case "in":
                return Fail(token, "expected a value before in");
        }

        if (_token.Kind is TokenKind.OpenParenthesis)
        {
            Advance();
            return ParseItems(TokenKind.CloseParenthesis) is { } arguments
                ? Keep(new CallSyntax(token.Text ?? "", arguments, token.Start, _end, DepthOf(arguments)))
                : null;
        }

        var path = new List<string> { token.Text ?? "" };
        while (_token.Kind is TokenKind.Dot)
        {
            Advance();
            if (_token.Kind is not TokenKind.Name)
            {
                return Fail(_token, "expected a name after the dot");
            }

            path.Add(_token.Text ?? "");
            Advance();
        }

        return Keep(new NameSyntax(path, token.Start, _end));
    }

    /// <summary>What stands between brackets or parentheses, parted by commas.</summary>
    private List<Syntax>? ParseItems(TokenKind close)
    {
        var items = new List<Syntax>();
        while (_token.Kind != close)
        {
            if (items.Count > 0 && !Expect(TokenKind.Comma, $"expected a comma or {(close is TokenKind.CloseBracket ? ']' : ')')}"))
            {
                return null;
            }

            if (ParseOr() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        Advance();
        return items;
    }

    private static int DepthOf(List<Syntax> items) => items.Count == 0 ? 1 : items.Max(item => item.Depth) + 1;

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
