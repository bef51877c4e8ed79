using Backend.Records;

namespace Functions.Tests.Records;

public sealed class RecordIdTests
{
    [Fact]
    public void Ids_made_in_one_millisecond_by_many_threads_are_distinct_and_each_threads_are_in_order()
    {
        var now = TimeProvider.System.GetUtcNow();
        var made = new List<string>[8];
        Parallel.For(0, made.Length, thread =>
            made[thread] = [.. Enumerable.Range(0, 5_000).Select(_ => RecordId.New(now).Value)]);

        Assert.Equal(made.Sum(ids => ids.Count), made.SelectMany(ids => ids).Distinct().Count());
        Assert.All(made, ids => Assert.Equal(ids.Order(StringComparer.Ordinal), ids));
    }

    [Fact]
    public void An_id_is_a_UUID_of_version_7_with_the_time_in_front()
    {
        var id = Guid.Parse(RecordId.New(TimeProvider.System.GetUtcNow()).Value);

        Assert.Equal((7, 8), (id.Version, id.Variant & 0xC));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("A_b-9", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a.b", false)]
    [InlineData("ü", false)]
    [InlineData("../x", false)]
    public void Only_letters_digits_hyphens_and_underscores_are_an_id(string text, bool isId)
    {
        Assert.Equal(isId, RecordId.TryParse(text, out _));
        Assert.False(RecordId.TryParse(new string('a', RecordId.MaxLength + 1), out _));
    }
}
