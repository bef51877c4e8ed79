using Functions.Tests.Fixtures;
using Local.Sqlite;
using Microsoft.Data.Sqlite;

namespace Functions.Tests.Records;

public sealed class SqliteSessionTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;

    public SqliteSessionTests() => _database = new SqliteDatabase(_folder.File("backend.db"));

    public static TheoryData<object?, object?> Values() => new()
    {
        { null, null },
        { "", "" },
        { "aä€😀\0b", "aä€😀\0b" },
        { new string('ä', 10_000), new string('ä', 10_000) },
        { long.MinValue, long.MinValue },
        { 0L, 0L },
        { 7, 7L },
        { true, 1L },
        { 0.1, 0.1 },
        { Array.Empty<byte>(), Array.Empty<byte>() },
        { new byte[] { 0, 1, 255 }, new byte[] { 0, 1, 255 } },
        { new ReadOnlyMemory<byte>([1, 2]), new byte[] { 1, 2 } },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void A_value_comes_back_as_it_went_in(object? value, object? expected) =>
        Assert.Equal(expected, _database.Read(session => session.Scalar("SELECT $value", ("$value", value))));

    [Fact]
    public void What_is_null_is_not_read_as_zero_or_nothing()
    {
        Assert.Throws<InvalidDataException>(() => Read(static row => row.GetString(0)));
        Assert.Throws<InvalidDataException>(() => Read(static row => row.GetInt64(0)));
        Assert.Throws<InvalidDataException>(() => Read(static row => row.GetBytes(0)));
        Assert.True(Read(static row => row.IsDBNull(0)));

        T? Read<T>(Func<SqliteRow, T> read) => _database.Read(session => session.QueryFirst("SELECT NULL", read));
    }

    [Fact]
    public void A_parameter_without_a_value_is_a_mistake_and_not_null() =>
        Assert.Throws<InvalidOperationException>(
            () => _database.Read(static session => session.Scalar("SELECT $a", ("$b", 1))));

    [Fact]
    public void A_statement_that_fails_says_why_and_can_run_again()
    {
        var text = "not JSON";
        Assert.Contains("malformed JSON", Assert.Throws<SqliteException>(Run).Message, StringComparison.Ordinal);

        text = """{"a":1}""";
        Assert.Equal(1L, Run());

        object? Run() => _database.Read(session => session.Scalar("SELECT json_extract($text, '$.a')", ("$text", text)));
    }

    [Fact]
    public void Any_number_of_texts_can_be_run()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal((long)i, _database.Read(session => session.Scalar($"SELECT {i} + $zero", ("$zero", 0))));
        }
    }

    [Fact]
    public async Task A_change_tells_how_many_rows_it_changed_and_what_it_returns()
    {
        var (changed, returned) = await _database.WriteAsync(
            static session =>
            {
                var inserted = session.Execute("INSERT INTO blob_events (path) VALUES ('a'), ('b'), ('c')");
                return (inserted, session.Scalar("UPDATE blob_events SET path = 'd' RETURNING path"));
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(3, changed);
        Assert.Equal("d", returned);
        Assert.Equal(3L, _database.Read(static session => session.Scalar("SELECT COUNT(*) FROM blob_events WHERE path = 'd'")));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
