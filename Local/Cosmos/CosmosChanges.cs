using Backend.Azure.Records;
using Local.Changes;
using Local.Sqlite;

namespace Local.Cosmos;

/// <summary>The changes of the records in Cosmos DB; positions are kept in the embedded host's own database.</summary>
internal sealed class CosmosChanges(CosmosChangeFeed feed, SqliteDatabase database) : IChangeSource
{
    /// <summary>A look costs about one request unit for every physical partition.</summary>
    public TimeSpan LookEvery => TimeSpan.FromSeconds(1);

    public async Task EstablishAsync(string handler, CancellationToken ct)
    {
        if (FindPosition(handler) is null)
        {
            var (_, now, _) = await feed.ReadAsync(null, ct);
            await database.WriteAsync(
                session => session.Execute(
                    "INSERT INTO feed_positions (feed, handler, position) VALUES (@feed, @handler, @position) ON CONFLICT DO NOTHING",
                    ("@feed", feed.Name), ("@handler", handler), ("@position", now)),
                ct);
        }
    }

    public async Task<ChangeBatch> ReadAsync(string handler, CancellationToken ct)
    {
        var (changes, position, isEnd) = await feed.ReadAsync(FindPosition(handler), ct);
        return new ChangeBatch(changes, isEnd ? null : position);
    }

    public Task AdvanceAsync(string handler, ChangeBatch batch, CancellationToken ct) => database.WriteAsync(
        session => session.Execute(
            "UPDATE feed_positions SET position = @position WHERE feed = @feed AND handler = @handler",
            ("@feed", feed.Name), ("@handler", handler), ("@position", batch.Position)),
        ct);

    private string? FindPosition(string handler) => database.Read(session => (string?)session.Scalar(
        "SELECT position FROM feed_positions WHERE feed = @feed AND handler = @handler",
        ("@feed", feed.Name), ("@handler", handler)));
}
