using System.Globalization;
using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Sql;

/// <content>Operands and parameters.</content>
internal ref partial struct PredicateWriter
{
    /// <summary>The operand's text, and what has to hold for it to be a value; null when it never is one.</summary>
    private string? WriteOperand(Operand operand, List<string> guards, bool isExact)
    {
        if (!operand.ReadsRecord)
        {
            var value = operand.Read(ref _evaluation);
            return value.IsNull ? null : AddValue(value);
        }

        switch (operand)
        {
            case FieldOperand field:
                guards.Add(_dialect.IsOfType(field.Path, field.Type));
                return _dialect.Value(field.Path, field.Type, isExact);
            case RecordOperand record:
                return _dialect.Record(record.What, _collection);
            case ArithmeticOperand arithmetic:
                var result = WriteArithmetic(arithmetic, guards);
                if (result is not null)
                {
                    guards.Add(_dialect.HasResult(result));
                }

                return result;
            case ConcatenationOperand texts:
                return WriteOperand(texts.Left, guards, false) is { } first && WriteOperand(texts.Right, guards, false) is { } second
                    ? _dialect.Concatenate(first, second)
                    : null;
            case SizeOperand { Set: FieldOperand set }:
                guards.Add(_dialect.IsOfType(set.Path, RuleType.Set));
                return _dialect.Size(set.Path);
            case ConditionOperand { Condition: var condition }:
                var written = Write(condition);
                return written.Constant is { } constant ? Add(_dialect.Boolean(constant)) : $"({written.Sql})";
            default:
                throw new InvalidOperationException($"{operand.GetType().Name} is no part of a query.");
        }
    }

    private string? WriteArithmetic(ArithmeticOperand arithmetic, List<string> guards)
    {
        var left = WriteTerm(arithmetic.Left, Strength(arithmetic), guards);
        var right = WriteTerm(arithmetic.Right, Strength(arithmetic) + 1, guards);
        return left is null || right is null ? null : _dialect.Arithmetic(arithmetic.Kind, left, right, guards);
    }

    private string? WriteTerm(Operand operand, int strength, List<string> guards)
    {
        if (operand is not ArithmeticOperand { ReadsRecord: true } arithmetic)
        {
            return WriteOperand(operand, guards, false);
        }

        var written = WriteArithmetic(arithmetic, guards);
        return written is null || Strength(arithmetic) >= strength ? written : $"({written})";
    }

    private static int Strength(ArithmeticOperand arithmetic) => arithmetic.Kind is TokenKind.Plus or TokenKind.Minus ? 1 : 2;

    private readonly string AddValue(scoped in Value value) => Add(value.Type switch
    {
        RuleType.Text => value.ToText(),
        RuleType.Number => value.Number,
        RuleType.Boolean => _dialect.Boolean(value.Whole != 0),
        RuleType.Timestamp => Instant.ToText(value.Whole),
        _ => throw new InvalidOperationException("Only single values are parameters."),
    });

    private readonly string Add(object value) => Add(_dialect, _prefix, _parameters, value);

    /// <summary>The same as a delegate, which cannot hold on to this.</summary>
    private readonly Func<object, string> Adder()
    {
        var (dialect, prefix, parameters) = (_dialect, _prefix, _parameters);
        return value => Add(dialect, prefix, parameters, value);
    }

    private static string Add(SqlDialect dialect, string prefix, List<QueryParameter> parameters, object value)
    {
        var name = dialect.Parameter(string.Create(CultureInfo.InvariantCulture, $"{prefix}{parameters.Count}"));
        parameters.Add(new QueryParameter(name, value));
        return name;
    }
}
