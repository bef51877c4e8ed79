using System.Globalization;
using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Sql;

/// <summary>
/// Turns an expression into a condition of a query. What does not read the record is worked out by the very code that
/// checks records in memory and becomes a parameter or falls away. Null has no third truth value here: every condition
/// states first that its operands are there, so that it is true or false and can be negated.
/// </summary>
internal ref struct PredicateWriter
{
    /// <summary>From here on, whole numbers are not all different as doubles.</summary>
    private const double MaxExact = 9_007_199_254_740_992;

    private readonly SqlDialect _dialect;
    private readonly string _collection;
    private readonly string _prefix;
    private readonly List<QueryParameter> _parameters = [];
    private Evaluation _evaluation;

    private PredicateWriter(SqlDialect dialect, string collection, string prefix, ref readonly RuleContext context)
    {
        _dialect = dialect;
        _collection = collection;
        _prefix = prefix;
        _evaluation = new Evaluation(in context, null, null, [], []);
    }

    public static Predicate Write(Expression expression, SqlDialect dialect, ref readonly RuleContext context, string prefix)
    {
        var writer = new PredicateWriter(dialect, expression.Collection, prefix, in context);
        var result = writer.Write(expression.Condition);
        var sql = result.Constant is { } constant ? constant ? dialect.True : dialect.False : result.Sql;
        return new Predicate(sql, writer._parameters, result.Constant);
    }

    private SqlCondition Write(Condition condition) => condition switch
    {
        { ReadsRecord: false } => new SqlCondition(condition.Holds(ref _evaluation)),
        LogicalCondition logical => WriteLogical(logical),
        NotCondition not => Write(not.Term).Negate(),
        CompareCondition { Kind: TokenKind.NotEqual } compare => WriteCompare(compare, TokenKind.Equal).Negate(),
        CompareCondition compare => WriteCompare(compare, compare.Kind),
        InListCondition list => WriteInList(list),
        InSetCondition set => WriteInSet(set),
        TextCondition text => WriteTest(text),
        ExistsCondition { IsNegated: true } exists => WriteExists(exists).Negate(),
        ExistsCondition exists => WriteExists(exists),
        TruthCondition truth => WriteTruth(truth),
        _ => throw new InvalidOperationException($"{condition.GetType().Name} is no part of a query."),
    };

    private SqlCondition WriteLogical(LogicalCondition logical)
    {
        var terms = new List<string>();
        foreach (var term in logical.Terms)
        {
            var written = Write(term);
            if (written.Constant is { } constant)
            {
                // One false ends an "and", one true an "or"; the others of them change nothing.
                if (constant != logical.IsAnd)
                {
                    return written;
                }
            }
            else
            {
                terms.Add(written.Sql);
            }
        }

        return terms.Count == 0
            ? new SqlCondition(logical.IsAnd)
            : new SqlCondition(terms.Count == 1 ? terms[0] : $"({string.Join(logical.IsAnd ? " AND " : " OR ", terms)})");
    }

    private SqlCondition WriteCompare(CompareCondition condition, TokenKind kind)
    {
        var (left, right) = (condition.Left, condition.Right);
        if (!left.ReadsRecord)
        {
            (left, right, kind) = (right, left, Mirror(kind));
        }

        if (left is RecordOperand record && !right.ReadsRecord)
        {
            return WriteCompareRecord(record, kind, right);
        }

        var guards = new List<string>();
        var isExact = !right.ReadsRecord && IsExact(right.Read(ref _evaluation));
        if (WriteOperand(left, guards, isExact) is not { } first || WriteOperand(right, guards, isExact) is not { } second)
        {
            return new SqlCondition(false);
        }

        var comparison = SqlDialect.Compare(first, kind, second);
        return Guarded(guards, HasNoResultEver(left) && HasNoResultEver(right) ? comparison : _dialect.FalseWithoutResult(comparison));
    }

    /// <summary>Arithmetic may have no result, by zero for instance; everything else has one where its guards hold.</summary>
    private static bool HasNoResultEver(Operand operand) => operand is not ArithmeticOperand;

    private SqlCondition WriteCompareRecord(RecordOperand record, TokenKind kind, Operand constant)
    {
        var value = constant.Read(ref _evaluation);
        if (value.IsNull)
        {
            return new SqlCondition(false);
        }

        if (record.Type is RuleType.Timestamp)
        {
            return new SqlCondition(_dialect.CompareTime(record.What, kind, value.Whole, Adder()));
        }

        var (sql, prefix) = Stored(record);
        return new SqlCondition(SqlDialect.Compare(sql, kind, Add(prefix + value.ToText())));
    }

    private SqlCondition WriteInList(InListCondition list)
    {
        var guards = new List<string>();
        var prefix = "";
        string? operand;
        var isExact = true;
        foreach (var item in list.Items)
        {
            isExact &= IsExact(item.Read(ref _evaluation));
        }

        if (list.Operand is RecordOperand record)
        {
            (operand, prefix) = Stored(record);
        }
        else
        {
            operand = WriteOperand(list.Operand, guards, isExact);
        }

        var items = new List<string>();
        foreach (var item in list.Items)
        {
            items.Add(item.Type is RuleType.Text ? Add(prefix + item.Text) : AddValue(item.Read(ref _evaluation)));
        }

        var membership = $"{operand} IN ({string.Join(", ", items)})";
        return operand is null ? new SqlCondition(false)
            : Guarded(guards, list.Operand is ArithmeticOperand ? _dialect.FalseWithoutResult(membership) : membership);
    }

    private SqlCondition WriteInSet(InSetCondition condition)
    {
        var guards = new List<string>();
        if (WriteOperand(condition.Operand, guards, false) is not { } text)
        {
            return new SqlCondition(false);
        }

        if (condition.Set is FieldOperand set)
        {
            guards.Add(_dialect.IsOfType(set.Path, RuleType.Set));
            return Guarded(guards, _dialect.SetContains(set.Path, text));
        }

        var items = (condition.Set.Read(ref _evaluation).Items ?? []).Select(Adder()).ToList();
        return items.Count == 0 ? new SqlCondition(false) : Guarded(guards, $"{text} IN ({string.Join(", ", items)})");
    }

    private SqlCondition WriteTest(TextCondition condition)
    {
        var guards = new List<string>();
        return WriteOperand(condition.Text, guards, false) is { } text && WriteOperand(condition.Part, guards, false) is { } part
            ? Guarded(guards, _dialect.Test(condition.Test, text, part))
            : new SqlCondition(false);
    }

    private readonly SqlCondition WriteExists(ExistsCondition exists) => exists.Operand switch
    {
        FieldOperand { Type: RuleType.Json } json => new SqlCondition(_dialect.Exists(json.Path)),
        FieldOperand field => new SqlCondition(_dialect.IsOfType(field.Path, field.Type)),
        _ => new SqlCondition(true), // what every record has
    };

    private SqlCondition WriteTruth(TruthCondition truth)
    {
        var guards = new List<string>();
        return WriteOperand(truth.Operand, guards, false) is { } value
            ? Guarded(guards, SqlDialect.Compare(value, TokenKind.Equal, Add(_dialect.Boolean(true))))
            : new SqlCondition(false);
    }

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
                return WriteOperand(arithmetic.Left, guards, false) is { } left && WriteOperand(arithmetic.Right, guards, false) is { } right
                    ? _dialect.Arithmetic(arithmetic.Kind, left, right, guards)
                    : null;
            case ConcatenationOperand texts:
                return WriteOperand(texts.Left, guards, false) is { } first && WriteOperand(texts.Right, guards, false) is { } second
                    ? _dialect.Concatenate(first, second)
                    : null;
            case CaseOperand cased:
                return WriteOperand(cased.Text, guards, false) is { } text ? _dialect.ChangeCase(text, cased.IsLower) : null;
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

    private readonly (string Sql, string Prefix) Stored(RecordOperand record) =>
        record.What is RecordName.Id ? _dialect.StoredId(_collection) : (_dialect.Record(record.What, _collection), "");

    private static bool IsExact(scoped in Value value) => value.Type is RuleType.Number && Math.Abs(value.Number) < MaxExact;

    private static SqlCondition Guarded(List<string> guards, string condition) =>
        new(guards.Count == 0 ? condition : $"({string.Join(" AND ", guards.Distinct())} AND {condition})");

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

    private static TokenKind Mirror(TokenKind kind) => kind switch
    {
        TokenKind.Less => TokenKind.Greater,
        TokenKind.LessOrEqual => TokenKind.GreaterOrEqual,
        TokenKind.Greater => TokenKind.Less,
        TokenKind.GreaterOrEqual => TokenKind.LessOrEqual,
        _ => kind,
    };

    /// <summary>A condition's text, or its value where it does not depend on the record.</summary>
    private readonly record struct SqlCondition(string Sql, bool? Constant)
    {
        public SqlCondition(bool constant)
            : this("", constant)
        {
        }

        public SqlCondition(string sql)
            : this(sql, null)
        {
        }

        public SqlCondition Negate() => Constant is { } constant ? new SqlCondition(!constant) : new SqlCondition($"NOT ({Sql})");
    }
}
