using System.Text.Json;

namespace Backend.Merging;

/// <summary>
/// Add-wins sets: an observed-remove set, as in "A comprehensive study of Convergent and Commutative Replicated Data Types"
/// by Shapiro, Preguiça, Baquero and Zawirski, 2011, section 3.3.5. Every addition has a name, and a removal takes those
/// that its writer had seen. Since all of them pass through one record whose versions are in order, "seen" is "up to a
/// version", and what was removed needs no trace.
/// </summary>
internal static class SetMerge
{
    /// <param name="state">The record's state, which is changed.</param>
    /// <param name="field">The set.</param>
    /// <param name="current">Its elements as they are.</param>
    /// <param name="change">What becomes of it.</param>
    /// <param name="writer">Who changes it.</param>
    /// <param name="seen">The version up to which the writer has seen the record.</param>
    /// <returns>Its elements: those that stay where they were, then those that came.</returns>
    public static List<string> Apply(
        MergeState state, string field, IReadOnlyList<string> current, SetChange change, string writer, HybridTimestamp seen)
    {
        var result = new List<string>(current.Count + change.Add.Count);
        foreach (var element in current)
        {
            if (!change.Removes(element) || !Remove(state, field, element, writer, seen))
            {
                result.Add(element);
            }
        }

        foreach (var element in change.Add)
        {
            Add(state, field, element, writer, isNew: !result.Contains(element, StringComparer.Ordinal));
            if (!result.Contains(element, StringComparer.Ordinal))
            {
                result.Add(element);
            }
        }

        return result;
    }

    /// <summary>The same for a writer that sees everything and means just these elements.</summary>
    /// <param name="state">The record's state, which is changed.</param>
    /// <param name="field">The set.</param>
    /// <param name="before">Its elements as they were.</param>
    /// <param name="after">As they are.</param>
    /// <param name="added">Those that were asked for, also where they were there: who removes one without knowing does not remove this.</param>
    public static void Replace(
        MergeState state, string field, IReadOnlyList<string> before, IReadOnlyList<string> after, IReadOnlyList<string> added)
    {
        foreach (var element in before.Except(after, StringComparer.Ordinal))
        {
            Forget(state, field, element);
        }

        foreach (var element in after.Except(before.Except(added, StringComparer.Ordinal), StringComparer.Ordinal))
        {
            Add(state, field, element, Writer.Server, isNew: !before.Contains(element, StringComparer.Ordinal));
        }
    }

    public static List<string> ElementsOf(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray().Select(element => element.GetString() ?? "")] : [];

    /// <summary>Takes away the additions that the writer has seen; false when others keep the element in the set.</summary>
    private static bool Remove(MergeState state, string field, string element, string writer, HybridTimestamp seen)
    {
        var additions = state.AdditionsOf(field, element);
        var kept = additions.Where(addition => addition.Version > seen && addition.Writer != writer).ToList();
        if (kept.Count == 0)
        {
            Forget(state, field, element);
            return true;
        }

        if (kept.Count < additions.Count)
        {
            Keep(state, field, element, kept);
        }

        return false;
    }

    /// <summary>Of one writer the last addition is enough: whoever has seen it has seen those before.</summary>
    private static void Add(MergeState state, string field, string element, string writer, bool isNew)
    {
        var others = isNew ? [] : state.AdditionsOf(field, element).Where(addition => addition.Writer != writer);
        Keep(state, field, element, [.. others, new Dot(writer, state.Version)]);
    }

    private static void Keep(MergeState state, string field, string element, List<Dot> additions)
    {
        if (additions is [var only] && only == new Dot(state.Birth.Writer, state.BirthVersion))
        {
            Forget(state, field, element); // what needs no mention
            return;
        }

        if (!state.Additions.TryGetValue(field, out var elements))
        {
            elements = new Dictionary<string, List<Dot>>(StringComparer.Ordinal);
            state.Additions.Add(field, elements);
        }

        elements[element] = additions;
    }

    private static void Forget(MergeState state, string field, string element)
    {
        if (state.Additions.TryGetValue(field, out var elements) && elements.Remove(element) && elements.Count == 0)
        {
            state.Additions.Remove(field);
        }
    }
}

/// <summary>A change of a set.</summary>
/// <param name="Add">Elements that it is to have.</param>
/// <param name="Remove">Elements that it is not to have; null for all but those that it is to have.</param>
internal sealed record SetChange(IReadOnlyList<string> Add, IReadOnlyList<string>? Remove)
{
    /// <summary>Reads <c>{"$add":[…],"$remove":[…]}</c> or a whole set, either of them checked before; null is the empty set.</summary>
    public static SetChange Read(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return new SetChange(SetMerge.ElementsOf(value), null);
        }

        return new SetChange(
            SetMerge.ElementsOf(value.TryGetProperty("$add", out var add) ? add : null),
            SetMerge.ElementsOf(value.TryGetProperty("$remove", out var remove) ? remove : null));
    }

    public bool Removes(string element) =>
        Remove is null ? !Add.Contains(element, StringComparer.Ordinal)
        : Remove.Contains(element, StringComparer.Ordinal) && !Add.Contains(element, StringComparer.Ordinal);
}
