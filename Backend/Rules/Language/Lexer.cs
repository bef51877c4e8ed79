using System.Globalization;
using System.Text;

namespace Backend.Rules.Language;

/// <summary>Cuts a text into tokens. Never throws: what is no token comes back as an error token.</summary>
internal struct Lexer(string text)
{
    /// <summary>Whole numbers beyond this one are not all different as doubles.</summary>
    public const double MaxWhole = 9_007_199_254_740_992;

    private int _next;

    public Token Next()
    {
        while (_next < text.Length && text[_next] is ' ' or '\t' or '\r' or '\n')
        {
            _next++;
        }

        if (_next == text.Length)
        {
            return new Token(TokenKind.End, _next, _next);
        }

        var start = _next;
        return text[start] switch
        {
            '\'' or '"' => ReadText(start),
            >= '0' and <= '9' => ReadNumber(start),
            var c when IsNameStart(c) => ReadName(start),
            _ => ReadSymbol(start),
        };
    }

    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private Token ReadName(int start)
    {
        while (_next < text.Length && IsNamePart(text[_next]))
        {
            _next++;
        }

        return new Token(TokenKind.Name, start, _next, text[start.._next]);
    }

    private Token ReadNumber(int start)
    {
        SkipDigits();
        var isWhole = true;
        if (Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
        {
            isWhole = false;
            _next++;
            SkipDigits();
        }

        if (Peek(0) is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            isWhole = false;
            _next += 2;
            SkipDigits();
        }

        if (_next < text.Length && IsNamePart(text[_next]))
        {
            return Fail(start, _next + 1, "a number ends here and a name follows at once");
        }

        var value = double.Parse(text.AsSpan(start, _next - start), NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) && (!isWhole || value < MaxWhole)
            ? new Token(TokenKind.Number, start, _next, Number: value)
            : Fail(start, _next, "the number is too large; whole numbers are exact below 2^53 (9007199254740992)");
    }

    private Token ReadText(int start)
    {
        var quote = text[_next++];
        var value = new StringBuilder();
        while (_next < text.Length)
        {
            var c = text[_next++];
            if (c == quote)
            {
                return IsWellFormed(value)
                    ? new Token(TokenKind.Text, start, _next, value.ToString())
                    : Fail(start, _next, "the text has half of a surrogate pair");
            }

            if (c == '\\' && ReadEscape() is var escaped)
            {
                if (escaped is not { } meant)
                {
                    return Fail(_next - 1, _next, @"after a backslash stands one of \ ' "" / n r t or u and four hexadecimal digits");
                }

                c = meant;
            }

            value.Append(c);
        }

        return Fail(start, text.Length, $"the text has no closing {quote}");
    }

    private char? ReadEscape()
    {
        var c = Peek(0);
        _next = Math.Min(_next + 1, text.Length);
        return c switch
        {
            '\\' or '\'' or '"' or '/' => c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => ReadCodeUnit(),
            _ => null,
        };
    }

    private char? ReadCodeUnit()
    {
        var end = _next + 4;
        if (end > text.Length
            || !ushort.TryParse(text.AsSpan(_next, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            return null;
        }

        _next = end;
        return (char)unit;
    }

    private static bool IsWellFormed(StringBuilder value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(value[i]))
            {
                return false;
            }
        }

        return true;
    }

    private Token ReadSymbol(int start)
    {
        var (kind, length) = (text[start], Peek(1)) switch
        {
            ('=', '=') => (TokenKind.Equal, 2),
            ('!', '=') => (TokenKind.NotEqual, 2),
            ('<', '=') => (TokenKind.LessOrEqual, 2),
            ('>', '=') => (TokenKind.GreaterOrEqual, 2),
            ('&', '&') => (TokenKind.And, 2),
            ('|', '|') => (TokenKind.Or, 2),
            ('<', _) => (TokenKind.Less, 1),
            ('>', _) => (TokenKind.Greater, 1),
            ('!', _) => (TokenKind.Not, 1),
            ('+', _) => (TokenKind.Plus, 1),
            ('-', _) => (TokenKind.Minus, 1),
            ('*', _) => (TokenKind.Times, 1),
            ('/', _) => (TokenKind.Divide, 1),
            ('%', _) => (TokenKind.Remainder, 1),
            ('(', _) => (TokenKind.OpenParenthesis, 1),
            (')', _) => (TokenKind.CloseParenthesis, 1),
            ('[', _) => (TokenKind.OpenBracket, 1),
            (']', _) => (TokenKind.CloseBracket, 1),
            (',', _) => (TokenKind.Comma, 1),
            ('.', _) => (TokenKind.Dot, 1),
            _ => (TokenKind.Error, 1),
        };
        _next += length;
        return kind is not TokenKind.Error
            ? new Token(kind, start, _next)
            : Fail(start, _next, text[start] switch
            {
                '=' => "equality is written ==",
                '&' => "'and' is written &&",
                '|' => "'or' is written ||",
                _ => "this character means nothing here",
            });
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Peek(0)))
        {
            _next++;
        }
    }

    private readonly char Peek(int ahead) => _next + ahead < text.Length ? text[_next + ahead] : '\0';

    private static Token Fail(int start, int end, string message) => new(TokenKind.Error, start, end, message);
}
