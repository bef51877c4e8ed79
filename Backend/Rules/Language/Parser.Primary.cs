namespace Backend.Rules.Language;

internal sealed partial class Parser
{
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
}
