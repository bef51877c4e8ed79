using Backend.Merging;
using Backend.Model;
using FsCheck;
using FsCheck.Fluent;

namespace Functions.Tests.Merging;

/// <summary>
/// Three writers change one record without having seen each other. Each sends its mutations in its order, as the protocol
/// has it; everything else is chance: how they interleave, and what arrives twice.
/// </summary>
public sealed class MergeProperties
{
    private static readonly string[] Writers = ["ann", "bob", "cid"];

    private static readonly Gen<string> Elements = Gen.Elements("x", "y", "z");

    private static readonly Gen<string> Change = Gen.OneOf(
        from value in Gen.Elements("a", "b", "c") select $$$"""{"title":"{{{value}}}"}""",
        from value in Gen.Elements("\"a\"", "\"b\"", "null") select $$$"""{"body":{{{value}}}}""",
        from value in Gen.Choose(-3, 3) select $$$"""{"likes":{"$increment":{{{value}}}}}""",
        from value in Gen.Choose(0, 5) from done in Gen.Elements("true", "false") select $$$"""{"priority":{{{value}}},"done":{{{done}}}}""",
        from element in Elements select $$$"""{"tags":{"$add":["{{{element}}}"]}}""",
        from element in Elements select $$$"""{"tags":{"$remove":["{{{element}}}"]}}""",
        from element in Elements from other in Elements select $$$"""{"tags":{"$add":["{{{element}}}"],"$remove":["{{{other}}}"]},"likes":{"$increment":1}}""",
        from element in Elements select $$$"""{"tags":["{{{element}}}"]}""",
        Gen.Constant("""{"tags":null}"""));

    private static readonly Gen<(MutationOp Op, string Fields)> Edits = Gen.Frequency(
        (6, from fields in Change select (MutationOp.Patch, fields)),
        (1, from title in Gen.Elements("p", "q") from element in Elements
            select (MutationOp.Put, $$$"""{"title":"{{{title}}}","tags":["{{{element}}}"],"likes":{"$increment":5}}""")));

    private static readonly Gen<(MutationOp Op, string Fields)> EditsAndDeletions = Gen.Frequency(
        (5, Edits), (1, Gen.Constant((MutationOp.Delete, "{}"))));

    [Fact]
    public void Whatever_the_order_and_however_often_the_record_is_the_same() =>
        Verify(Edits, Merges.Notes, compareDeletion: false);

    [Fact]
    public void Whatever_the_order_a_deletion_wins_over_what_did_not_know_of_it() =>
        Verify(EditsAndDeletions, Merges.Notes, compareDeletion: true);

    [Fact]
    public void Whatever_the_order_an_update_wins_over_a_deletion_that_did_not_know_of_it() =>
        // Of one writer who edits and deletes, the others cannot know in which order; so each does one or the other.
        Verify(EditsAndDeletions, Merges.Notes with { Deletes = DeletePolicy.UpdateWins }, compareDeletion: true, single: true);

    [Fact]
    public void A_state_reads_as_it_was_written() => Check.One(Config(1_000), Prop.ForAll(Arb.From(Histories(EditsAndDeletions)), history =>
    {
        var record = Begin(Merges.Notes);
        foreach (var mutation in history.Mutations)
        {
            record.Apply(mutation with { Base = record.Version });
        }

        var stored = record.Record ?? throw new InvalidOperationException();
        var json = stored.MergeState ?? throw new InvalidOperationException();
        var again = MergeState.Of(stored).ToJson(stored);
        return json.Span.SequenceEqual(again.Span) && MergeState.VersionOf(stored) == MergeState.Of(stored).Version;
    }));

    [Fact]
    public void Versions_grow_and_are_never_below_a_stamp() => Check.One(Config(1_000), Prop.ForAll(Arb.From(Histories(EditsAndDeletions)), history =>
    {
        var record = Begin(Merges.Notes);
        return history.Mutations.All(mutation =>
        {
            var before = record.Version;
            return record.Apply(mutation with { Stamp = HybridTimestamp.At(Merges.Noon.AddMinutes(mutation.Seq)) }) is not MergeOutcome.Merged merged
                || (record.Version > before && record.Version >= merged.Stamp);
        });
    }));

    private static void Verify(
        Gen<(MutationOp Op, string Fields)> edits, CollectionModel collection, bool compareDeletion, bool single = false) =>
        Check.One(Config(3_000), Prop.ForAll(Arb.From(Histories(edits)), history =>
        {
            var mutations = single ? [.. history.Mutations.DistinctBy(mutation => mutation.Writer)] : history.Mutations;
            var (one, other) = (Begin(collection), Begin(collection));
            var start = one.Version;
            Arrive(one, mutations, start);
            Arrive(other, Shuffle(mutations, new Random(history.Seed)), start);
            return one.Fields == other.Fields && (!compareDeletion || one.Record?.Deleted == other.Record?.Deleted);
        }));

    private static void Arrive(Merges record, IEnumerable<Mutation> mutations, HybridTimestamp seen)
    {
        foreach (var mutation in mutations)
        {
            record.Apply(mutation with { Base = seen });
        }
    }

    private static Merges Begin(CollectionModel collection)
    {
        var record = new Merges(collection);
        record.Apply(Merges.Put("ann", 1, """{"title":"t","tags":["x","y"],"likes":10}"""));
        return record;
    }

    private static Gen<(List<Mutation> Mutations, int Seed)> Histories(Gen<(MutationOp Op, string Fields)> edits) =>
        from steps in Gen.ListOf(from writer in Gen.Elements(Writers) from edit in edits from second in Gen.Choose(1, 20) select (writer, edit, second), 6)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select (Number([.. steps]), seed);

    /// <summary>Numbers of a writer grow, and its clock does not go back.</summary>
    private static List<Mutation> Number(List<(string Writer, (MutationOp Op, string Fields) Edit, int Second)> steps)
    {
        var last = Writers.ToDictionary(writer => writer, _ => (Seq: 1L, Second: 0));
        var mutations = new List<Mutation>();
        foreach (var (writer, edit, second) in steps)
        {
            last[writer] = (last[writer].Seq + 1, Math.Max(last[writer].Second, second));
            mutations.Add((edit.Op switch
            {
                MutationOp.Delete => Merges.Delete(writer, last[writer].Seq, null, last[writer].Second),
                MutationOp.Put => Merges.Put(writer, last[writer].Seq, edit.Fields, null, last[writer].Second),
                _ => Merges.Patch(writer, last[writer].Seq, edit.Fields, null, last[writer].Second),
            }) with { Stamp = new HybridTimestamp(HybridTimestamp.At(Merges.Noon.AddHours(-1).AddSeconds(last[writer].Second)).Value + last[writer].Seq) });
        }

        return mutations;
    }

    /// <summary>Another interleaving that keeps each writer's order, with some mutations sent again later.</summary>
    private static IEnumerable<Mutation> Shuffle(List<Mutation> mutations, Random random)
    {
        var queues = mutations.GroupBy(mutation => mutation.Writer).Select(group => new Queue<Mutation>(group)).ToList();
        var sent = new List<Mutation>();
        while (queues.Count > 0)
        {
            var queue = queues[random.Next(queues.Count)];
            sent.Add(queue.Dequeue());
            yield return sent[^1];
            if (queue.Count == 0)
            {
                queues.Remove(queue);
            }

            if (random.Next(3) == 0)
            {
                yield return sent[random.Next(sent.Count)];
            }
        }
    }

    private static Config Config(int tests) => FsCheck.Config.QuickThrowOnFailure.WithMaxTest(tests);
}
