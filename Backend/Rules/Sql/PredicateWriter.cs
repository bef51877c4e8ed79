using Backend.Rules.Compiled;
using Backend.Rules.Language;

namespace Backend.Rules.Sql;

/// <summary>
/// Turns an expression into a condition of a query. What does not read the record is worked out by the very code that
/// checks records in memory and becomes a parameter or falls away. Null has no third truth value here: every condition
/// states first that its operands are there, so that it is true or false and can be negated.
/// </summary>
internal ref partial struct PredicateWriter
{
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
        var sql = result.Constant is { } constant ? constant ? dialect.True : dialect.False : result.AsTerm;
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
        var terms = new List<SqlCondition>();
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
                terms.Add(written);
            }
        }

        return terms switch
        {
            [] => new SqlCondition(logical.IsAnd),
            [var only] => only,
            _ when logical.IsAnd => new SqlCondition(string.Join(" AND ", terms.Select(term => term.AsTerm))),
            _ => new SqlCondition(string.Join(" OR ", terms.Select(term => term.Sql)), isOr: true),
        };
    }

    private SqlCondition WriteCompare(CompareCondition condition, TokenKind kind)
    {
        var (left, right) = (condition.Left, condition.Right);
        if (!left.ReadsRecord)
        {
            (left, right, kind) = (right, left, Mirror(kind));
        }

        if (left is FieldOperand { Type: RuleType.Boolean } flag && !right.ReadsRecord)
        {
            return new SqlCondition(_dialect.Is(flag.Path, right.Read(ref _evaluation) is { Whole: 1 }));
        }

        if (left is RecordOperand record && !right.ReadsRecord)
        {
            return WriteCompareRecord(record, kind, right);
        }

        if (left is CaseOperand cased)
        {
            return WriteCased(cased, null, right);
        }

        var guards = new List<string>();
        var isExact = !right.ReadsRecord && IsExact(right.Read(ref _evaluation));
        if (WriteOperand(left, guards, isExact) is not { } first || WriteOperand(right, guards, isExact) is not { } second)
        {
            return new SqlCondition(false);
        }

        return Guarded(guards, SqlDialect.Compare(first, kind, second));
    }

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

    /// <summary>The binder lets a cased text of the record meet known texts only.</summary>
    private SqlCondition WriteCased(CaseOperand cased, TextTest? test, Operand known)
    {
        var wanted = known.Read(ref _evaluation);
        return wanted.IsNull ? new SqlCondition(false) : WriteCased(cased, test, [wanted.ToText()]);
    }

    private SqlCondition WriteCased(CaseOperand cased, TextTest? test, IEnumerable<string> wanted)
    {
        var guards = new List<string>();
        var (dialect, text, adder) = (_dialect, WriteOperand(cased.Text, guards, false), Adder());
        var tests = wanted.Select(one => dialect.TestCased(test, text ?? "", cased.IsLower, one, adder)).ToList();
        return text is null || tests.Count == 0
            ? new SqlCondition(false)
            : Guarded(guards, tests.Count == 1 ? tests[0] : $"({string.Join(" OR ", tests)})");
    }

    private SqlCondition WriteInList(InListCondition list)
    {
        if (list.Operand is CaseOperand cased)
        {
            return WriteCased(cased, null, list.Items.Select(item => item.Text));
        }

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
        return operand is null ? new SqlCondition(false) : Guarded(guards, membership);
    }

    private SqlCondition WriteInSet(InSetCondition condition)
    {
        if (condition.Operand is CaseOperand { ReadsRecord: true } cased)
        {
            return WriteCased(cased, null, condition.Set.Read(ref _evaluation).Items ?? []);
        }

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
        if (condition.Text is CaseOperand { ReadsRecord: true } cased)
        {
            return WriteCased(cased, condition.Test, condition.Part);
        }

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

    private readonly SqlCondition WriteTruth(TruthCondition truth) => truth.Operand is FieldOperand flag
        ? new SqlCondition(_dialect.Is(flag.Path, true))
        : throw new InvalidOperationException("Only fields are booleans that stand alone.");

    private readonly (string Sql, string Prefix) Stored(RecordOperand record) =>
        record.What is RecordName.Id ? _dialect.StoredId(_collection) : (_dialect.Record(record.What, _collection), "");

    private static bool IsExact(scoped in Value value) => value.Type is RuleType.Number && Math.Abs(value.Number) < Lexer.MaxWhole;

    /// <summary>The condition first: where it is false, which is for most rows, no database looks at the types.</summary>
    private static SqlCondition Guarded(List<string> guards, string condition) =>
        new(string.Join(" AND ", guards.Prepend(condition).Distinct()));

    private static TokenKind Mirror(TokenKind kind) => kind switch
    {
        TokenKind.Less => TokenKind.Greater,
        TokenKind.LessOrEqual => TokenKind.GreaterOrEqual,
        TokenKind.Greater => TokenKind.Less,
        TokenKind.GreaterOrEqual => TokenKind.LessOrEqual,
        _ => kind,
    };

    /// <summary>
    /// A condition's text, or its value where it does not depend on the record. As few parentheses as can be: somebody
    /// reads this in a log one day.
    /// </summary>
    private readonly record struct SqlCondition(string Sql, bool? Constant, bool IsOr)
    {
        public SqlCondition(bool constant)
            : this("", constant, false)
        {
        }

        public SqlCondition(string sql, bool isOr = false)
            : this(sql, null, isOr)
        {
        }

        /// <summary>As it can stand in a list joined by AND.</summary>
        public string AsTerm => IsOr ? $"({Sql})" : Sql;

        public SqlCondition Negate() => Constant is { } constant
            ? new SqlCondition(!constant)
            : new SqlCondition($"NOT ({Sql})");
    }
}
