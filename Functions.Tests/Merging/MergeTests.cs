using Backend.Merging;
using Backend.Model;
using Backend.Records;

namespace Functions.Tests.Merging;

/// <summary>Merging, case by case. Writers are ann and bob; the server is whoever writes through the data API.</summary>
public sealed class MergeTests
{
    [Theory]
    [InlineData("0192f3a4b5c60003", true)]
    [InlineData("0192F3A4B5C60003", false)]
    [InlineData("0192f3a4b5c6000", false)]
    [InlineData("0192f3a4b5c600033", false)]
    [InlineData("8192f3a4b5c60003", false)]
    [InlineData(" 192f3a4b5c60003", false)]
    [InlineData("0192f3a4b5c6000g", false)]
    public void A_timestamp_is_sixteen_hexadecimal_digits_whose_order_is_that_of_time(string text, bool valid)
    {
        Assert.Equal(valid, HybridTimestamp.TryParse(text, out var timestamp));
        if (valid)
        {
            Assert.Equal(text, timestamp.ToString());
            Assert.True(string.CompareOrdinal(timestamp.ToString(), timestamp.Next.ToString()) < 0);
        }
    }

    [Fact]
    public void Of_equal_stamps_the_greater_writer_stands()
    {
        foreach (var order in new[] { new[] { "ann", "bob" }, ["bob", "ann"] })
        {
            var record = Created(out var seen);
            foreach (var writer in order)
            {
                record.Apply(Merges.Patch(writer, 2, $$"""{"title":"{{writer}}"}""", seen, second: 5));
            }

            Assert.Contains("\"title\":\"bob\"", record.Fields, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_field_that_the_data_API_did_not_change_keeps_its_stamp()
    {
        var record = new Merges();
        record.Write("""{"title":"a","body":"b"}""");
        var seen = record.Version;
        record.Write("""{"title":"server","body":"b"}""");

        record.Apply(new Mutation
        {
            Op = MutationOp.Patch, Writer = "ann", Seq = 1, Base = seen, Stamp = seen.Next,
            Fields = System.Text.Json.JsonElement.Parse("""{"title":"offline","body":"offline"}"""),
        });

        Assert.Equal("""{"body":"offline","title":"server"}""", record.Fields);
    }

    [Fact]
    public void What_a_patch_of_the_data_API_names_is_written_also_where_it_was_so()
    {
        var record = new Merges();
        record.Write("""{"title":"a","tags":["x"]}""");
        var seen = record.Version;
        var meanwhile = seen.Next;
        record.Write("""{"title":"a","tags":["x"]}""", patch: """{"title":"a","tags":{"$add":["x"]}}""");

        record.Apply(new Mutation
        {
            Op = MutationOp.Patch, Writer = "ann", Seq = 1, Base = seen, Stamp = meanwhile,
            Fields = System.Text.Json.JsonElement.Parse("""{"title":"offline","tags":{"$remove":["x"]}}"""),
        });

        Assert.Equal("""{"tags":["x"],"title":"a"}""", record.Fields);
    }

    [Fact]
    public void The_data_API_writes_at_its_own_time_not_at_that_of_the_fastest_clock_in_the_record()
    {
        var record = new Merges();
        record.Write("""{"title":"a"}""");
        var seen = record.Version;
        record.Apply(Patch("fast", """{"body":"fast"}""", seen, Merges.Noon.AddSeconds(50))); // within the drift
        record.Write("""{"title":"server","body":"fast"}"""); // some seconds past noon

        record.Apply(Patch("ann", """{"title":"later"}""", seen, Merges.Noon.AddSeconds(20)));

        Assert.Equal("""{"body":"fast","title":"later"}""", record.Fields);

        static Mutation Patch(string writer, string fields, HybridTimestamp seen, DateTimeOffset at) => new()
        {
            Op = MutationOp.Patch, Writer = writer, Seq = 1, Base = seen, Stamp = HybridTimestamp.At(at),
            Fields = System.Text.Json.JsonElement.Parse(fields),
        };
    }

    [Fact]
    public void A_later_mutation_of_one_writer_stands_whatever_its_clock_says()
    {
        var record = Created(out var seen);
        record.Apply(Merges.Patch("bob", 1, """{"title":"first"}""", seen, second: 100));
        record.Apply(Merges.Patch("bob", 2, """{"title":"second"}""", seen, second: 50)); // the clock was put back

        Assert.Contains("\"title\":\"second\"", record.Fields, StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_value_stays_removed_for_earlier_stamps()
    {
        var record = Created(out var seen);
        record.Apply(Merges.Patch("bob", 1, """{"body":null}""", seen, second: 10));
        record.Apply(Merges.Patch("ann", 2, """{"body":"early"}""", seen, second: 5));

        Assert.DoesNotContain("body", record.Fields, StringComparison.Ordinal);
    }

    [Fact]
    public void A_put_leaves_counters_that_it_does_not_add_to()
    {
        var record = Created(out var seen);
        record.Apply(Merges.Patch("bob", 1, """{"likes":{"$increment":4}}""", seen));
        record.Apply(Merges.Put("ann", 2, """{"title":"b","likes":0}""", seen));

        Assert.Contains("\"likes\":14", record.Fields, StringComparison.Ordinal);
    }

    [Fact]
    public void An_addition_survives_a_removal_that_had_not_seen_it_and_no_other()
    {
        var record = Created(out var seen);
        record.Apply(Merges.Patch("bob", 1, """{"tags":{"$add":["x"]}}""", seen));
        record.Apply(Merges.Patch("ann", 2, """{"tags":{"$remove":["x"]}}""", seen));
        Assert.Contains("[\"x\"]", record.Fields, StringComparison.Ordinal);

        record.Apply(Merges.Patch("ann", 3, """{"tags":{"$remove":["x"]}}""", record.Version));
        Assert.DoesNotContain("tags", record.Fields, StringComparison.Ordinal);
    }

    [Fact]
    public void A_writers_own_additions_are_seen_though_no_version_came_back_yet()
    {
        var record = Created(out var seen);
        record.Apply(Merges.Patch("ann", 2, """{"tags":{"$add":["new"]}}""", seen));
        record.Apply(Merges.Patch("ann", 3, """{"tags":{"$remove":["new"]}}""", seen));

        Assert.DoesNotContain("new", record.Fields, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_and_set_refuses_what_had_not_seen_others_but_takes_a_writers_queue()
    {
        var record = Created(out var seen, Merges.Notes with { Merge = MergePolicy.CompareAndSet });
        Assert.IsType<MergeOutcome.Merged>(record.Apply(Merges.Patch("ann", 2, """{"title":"b"}""", seen)));
        Assert.IsType<MergeOutcome.Merged>(record.Apply(Merges.Patch("ann", 3, """{"title":"c"}""", seen)));
        Assert.IsType<MergeOutcome.Conflict>(record.Apply(Merges.Patch("bob", 1, """{"body":"d"}""", seen)));
        Assert.IsType<MergeOutcome.Conflict>(record.Apply(Merges.Delete("bob", 2, seen)));
        Assert.IsType<MergeOutcome.Merged>(record.Apply(Merges.Patch("bob", 3, """{"body":"e"}""", record.Version)));
    }

    [Fact]
    public void A_resolver_is_asked_only_where_others_wrote()
    {
        var resolver = new LongerTitle();
        var record = Created(out var seen, Merges.Notes with { Merge = MergePolicy.Resolver });
        record.Apply(Merges.Patch("ann", 2, """{"title":"long title"}""", seen, second: 1), resolver);
        Assert.Equal(0, resolver.Asked);

        record.Apply(Merges.Patch("bob", 1, """{"title":"short"}""", seen, second: 2), resolver);
        Assert.Equal(1, resolver.Asked);
        Assert.Contains("long title", record.Fields, StringComparison.Ordinal);
        Assert.IsType<MergeOutcome.Conflict>(record.Apply(Merges.Patch("bob", 2, """{"title":"refuse"}""", seen, second: 3), resolver));
    }

    [Theory]
    [InlineData(DeletePolicy.DeleteWins, true)]
    [InlineData(DeletePolicy.UpdateWins, false)]
    public void An_update_and_a_deletion_that_did_not_know_of_each_other(DeletePolicy policy, bool deleted)
    {
        foreach (var updateFirst in new[] { true, false })
        {
            var record = Created(out var seen, Merges.Notes with { Deletes = policy });
            Mutation[] mutations = [Merges.Patch("bob", 1, """{"title":"kept"}""", seen), Merges.Delete("ann", 2, seen)];
            var outcomes = (updateFirst ? mutations : mutations.Reverse()).Select(mutation => record.Apply(mutation)).ToList();

            Assert.Equal(deleted, record.Record?.Deleted);
            Assert.Equal(deleted != updateFirst, outcomes[1] is MergeOutcome.Conflict);
        }
    }

    [Fact]
    public void A_new_life_keeps_what_was_received_and_nothing_else()
    {
        var record = Created(out var seen);
        var like = Merges.Patch("bob", 1, """{"likes":{"$increment":1}}""", seen);
        record.Apply(like);
        record.Apply(Merges.Delete("ann", 2, record.Version));
        Assert.IsType<MergeOutcome.Missing>(record.Apply(Merges.Patch("ann", 3, """{"title":"b"}""", record.Version)));
        record.Apply(Merges.Put("ann", 4, """{"title":"again"}""", record.Version));

        Assert.Equal("""{"done":false,"title":"again"}""", record.Fields);
        Assert.IsType<MergeOutcome.Known>(record.Apply(like));
        Assert.Equal("""{"done":false,"title":"again"}""", record.Fields);
    }

    [Fact]
    public void Writers_who_are_silent_for_long_are_forgotten_but_not_that_somebody_wrote()
    {
        var record = Created(out var seen);
        record.Apply(Merges.Patch("bob", 1, """{"body":"b"}""", seen));
        var state = MergeState.Of(record.Record ?? throw new InvalidOperationException());

        state.ForgetWritersBefore(Merges.Noon.AddDays(1));

        Assert.Equal([Writer.Server], state.Writers.Keys);
        Assert.True(state.HasOthersSince(seen, "ann"));
        Assert.False(state.HasOthersSince(record.Version, "ann"));
    }

    [Fact]
    public void Two_users_who_call_their_client_alike_are_two_writers()
    {
        Assert.NotEqual(Writer.Of("ann", "phone"), Writer.Of("bob", "phone"));
        Assert.NotEqual(Writer.Of("ann", "phone"), Writer.Of("ann", "tablet"));
        Assert.Equal(Writer.Of("ann", "phone"), Writer.Of("ann", "phone"));
    }

    private static Merges Created(out HybridTimestamp version, CollectionModel? collection = null)
    {
        var record = new Merges(collection);
        record.Apply(Merges.Put("ann", 1, """{"title":"t","body":"b","tags":["x"],"likes":10}"""));
        version = record.Version;
        return record;
    }

    private sealed class LongerTitle : IRecordResolver
    {
        public string Collection => "notes";

        public int Asked { get; private set; }

        public RecordFields? Resolve(ConflictingWrite write)
        {
            Asked++;
            var (mine, theirs) = (Title(write.Proposed), Title(write.Current));
            return mine == "refuse" ? null : mine.Length > theirs.Length ? write.Proposed : write.Current;
        }

        private static string Title(RecordFields fields) => fields.TryGet("title", out var title) ? title.GetString() ?? "" : "";
    }
}
