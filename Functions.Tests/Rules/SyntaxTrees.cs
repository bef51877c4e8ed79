using Backend.Rules.Language;
using FsCheck;
using FsCheck.Fluent;

namespace Functions.Tests.Rules;

/// <summary>Trees as the parser makes them, whatever their types.</summary>
internal static class SyntaxTrees
{
    public static Gen<Syntax> Any { get; } = Tree(4);

    /// <summary>A tree without its positions.</summary>
    public static string Shape(Syntax syntax) => syntax switch
    {
        NullSyntax => "null",
        BooleanSyntax boolean => $"{boolean.Value}",
        NumberSyntax number => $"{number.Value:R}",
        TextSyntax text => $"<{text.Value}>",
        NameSyntax name => $"name({string.Join('.', name.Path)})",
        ListSyntax list => $"list({string.Join(',', list.Items.Select(Shape))})",
        CallSyntax call => $"call {call.Function}({string.Join(',', call.Arguments.Select(Shape))})",
        UnarySyntax unary => $"{unary.Operator}({Shape(unary.Operand)})",
        BinarySyntax binary => $"{binary.Operator}({Shape(binary.Left)},{Shape(binary.Right)})",
        LogicalSyntax logical => $"{logical.Operator}({string.Join(',', logical.Terms.Select(Shape))})",
        _ => throw new ArgumentOutOfRangeException(nameof(syntax)),
    };

    private static Gen<Syntax> Tree(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Constant<Syntax>(new NullSyntax(0, 0)),
            Gen.Elements(true, false).Select(Syntax (value) => new BooleanSyntax(value, 0, 0)),
            Gen.Elements(0, 1, -1, 2.5, 1e300, -1e-7, 9007199254740991, 9007199254740992, 1e15, 1e16).Select(Syntax (value) => new NumberSyntax(value, 0, 0)),
            Gen.Elements("", "a", "it's", "\"", "\\", "\n\r\t\0\u001f", "é😀").Select(Syntax (value) => new TextSyntax(value, 0, 0)),
            Gen.Elements("a", "a.b", "record.meta.color", "_x1").Select(Syntax (name) => new NameSyntax(name.Split('.'), 0, 0)));
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Tree(depth - 1);
        return Gen.Frequency(
            (2, leaf),
            (1, inner.ListOf(3).Select(Syntax (items) => new ListSyntax([.. items], 0, 0, depth))),
            (1, inner.ListOf(2).Select(Syntax (items) => new CallSyntax("f", [.. items], 0, 0, depth))),
            (2, from kind in Gen.Elements(TokenKind.Not, TokenKind.Minus)
                from operand in inner
                select Negation(kind, operand)),
            (4, from kind in Gen.Elements(
                    TokenKind.Equal, TokenKind.NotEqual, TokenKind.Less, TokenKind.GreaterOrEqual, BinarySyntax.In,
                    TokenKind.Plus, TokenKind.Minus, TokenKind.Times, TokenKind.Divide, TokenKind.Remainder)
                from left in inner
                from right in inner
                select (Syntax)new BinarySyntax(kind, left, right, 0, 0)),
            (2, from kind in Gen.Elements(TokenKind.And, TokenKind.Or)
                from count in Gen.Choose(2, 4)
                from terms in inner.ListOf(count)
                select (Syntax)new LogicalSyntax(kind, [.. terms], 0, 0)));
    }

    /// <summary>The parser makes one negative number of a minus and a number.</summary>
    private static Syntax Negation(TokenKind kind, Syntax operand) =>
        kind is TokenKind.Minus && operand is NumberSyntax { Value: >= 0 } number
            ? new NumberSyntax(-number.Value, 0, 0)
            : new UnarySyntax(kind, operand, 0);
}
