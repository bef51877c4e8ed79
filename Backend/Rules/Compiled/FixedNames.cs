using Backend.Rules.Language;

namespace Backend.Rules.Compiled;

/// <summary>
/// Finds what an expression holds to one known value in all records that satisfy it. Lists need not be ordered by that,
/// and a database does not always see it.
/// </summary>
internal static class FixedNames
{
    /// <summary>Names of fields and of what every record has, as an index names them.</summary>
    public static HashSet<string> Of(Condition condition)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(condition, names);
        return names;
    }

    private static void Collect(Condition condition, HashSet<string> names)
    {
        switch (condition)
        {
            case LogicalCondition { IsAnd: true } all:
                foreach (var term in all.Terms)
                {
                    Collect(term, names);
                }

                break;
            case TruthCondition { Operand: FieldOperand { Path: [var field] } }:
                names.Add(field);
                break;
            case CompareCondition { Kind: TokenKind.Equal } compare:
                Collect(compare.Left, compare.Right, names);
                Collect(compare.Right, compare.Left, names);
                break;
        }
    }

    private static void Collect(Operand operand, Operand other, HashSet<string> names)
    {
        if (other.ReadsRecord)
        {
            return;
        }

        if (operand is FieldOperand { Path: [var field] })
        {
            names.Add(field);
        }
        else if (operand is RecordOperand { What: RecordName.Owner })
        {
            names.Add("owner");
        }
    }
}
