using System.Globalization;
using System.Text;
using Backend.Records;
using Bench.Load;
using Local.Sqlite;

namespace Bench;

/// <summary>
/// The same requests against a small and a large database, in rounds that take turns: what a request costs must not
/// depend on how much is stored.
/// </summary>
internal static class GrowthBench
{
    private const int Users = 16;
    private const int Small = 1_000;
    private const int Rounds = 9;
    private const int WritesAtOnce = 512;
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(700);

    /// <summary>Notes whose title is told by their number, so that a filter finds as many of them in both databases.</summary>
    private static RecordFields FieldsOf(int number) =>
        new(Encoding.UTF8.GetBytes(Requests.Note.Replace("Nest box 14", $"Nest box {number}", StringComparison.Ordinal)));

    public static async Task<int> RunAsync(string? program, string? records)
    {
        var large = records is null ? 1_000_000 : int.Parse(records, CultureInfo.InvariantCulture);
        var (smallData, smallIds) = await FillAsync(Small);
        var (largeData, largeIds) = await FillAsync(large);
        await using var little = await StartAsync(program, smallData);
        await using var much = await StartAsync(program, largeData);
        var forLittle = await RequestsAsync(little, smallIds);
        var forMuch = await RequestsAsync(much, largeIds);
        Console.WriteLine($"| | {Small:N0} /s | {large:N0} /s | ratio | CPU µs/request | CPU µs/request | ratio |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var (name, status, requests) in forLittle)
        {
            var ofMuch = forMuch.First(kind => kind.Name == name).Requests;
            await little.Client.RunAsync(Users, status, 3 * RoundTime, requests);
            await much.Client.RunAsync(Users, status, 3 * RoundTime, ofMuch);
            var before = new Meter(little, status, requests);
            var after = new Meter(much, status, ofMuch);
            for (var round = 0; round < Rounds; round++)
            {
                await before.RunAsync(Users, RoundTime);
                await after.RunAsync(Users, RoundTime);
            }

            Console.WriteLine(
                $"| {name} | {before.PerSecond:0} | {after.PerSecond:0} | {after.PerSecond / before.PerSecond:0.00} "
                + $"| {before.CpuMicroseconds:0} | {after.CpuMicroseconds:0} | {before.CpuMicroseconds / after.CpuMicroseconds:0.00} |");
        }

        Console.WriteLine($"memory: {little.MemoryMb:0} MB and {much.MemoryMb:0} MB");
        return 0;
    }

    private static Task<Target> StartAsync(string? program, DirectoryInfo data) =>
        program is null ? Target.StartSelfAsync(HostedLocal.Mode, data) : Target.StartLocalAsync(program, data);

    /// <summary>Through the store, without HTTP. Keeps some ids of every user.</summary>
    private static async Task<(DirectoryInfo Data, List<string>[] Ids)> FillAsync(int count)
    {
        var data = Directory.CreateTempSubdirectory("backend-bench-");
        var ids = Enumerable.Range(0, Users).Select(static _ => new List<string>()).ToArray();
        await using var database = new SqliteDatabase(Path.Combine(data.FullName, "backend.db"));
        var store = new SqliteRecordStore(database, TimeProvider.System);
        var every = Math.Max(1, count / Users / 200);
        foreach (var numbers in Enumerable.Range(0, count).Chunk(WritesAtOnce))
        {
            await Task.WhenAll(numbers.Select(number =>
            {
                var now = TimeProvider.System.GetUtcNow();
                var id = RecordId.New(now);
                if (number / Users % every == 0)
                {
                    ids[number % Users].Add(id.Value);
                }

                return store.CreateAsync(
                    new StoredRecord
                    {
                        Key = new RecordKey(Scope.ForUser($"user-{number % Users}"), "notes", id),
                        Owner = $"user-{number % Users}",
                        CreatedAt = now,
                        UpdatedAt = now,
                        Fields = FieldsOf(number),
                    },
                    CancellationToken.None);
            }));
        }

        return (data, ids);
    }

    private static async Task<List<(string Name, int Status, List<byte[][]> Requests)>> RequestsAsync(Target target, List<string>[] ids)
    {
        List<byte[][]> reads = [], pages = [], sorted = [], filtered = [], found = [], creates = [];
        for (var user = 0; user < Users; user++)
        {
            var bearer = await Requests.TokenAsync(target, $"user-{user}");
            reads.Add([.. ids[user].Select(id => Requests.Build("GET", $"{Requests.Notes}/{id}", bearer))]);
            pages.Add([Requests.Build("GET", $"{Requests.Notes}?limit=50&sort=-id", bearer)]);
            sorted.Add([Requests.Build("GET", $"{Requests.Notes}?limit=50&sort=-updatedAt", bearer)]);
            // One record of that title in either database.
            found.Add([.. Enumerable.Range(1, 20).Select(n => Requests.Build(
                "GET", $"{Requests.Notes}?limit=50&filter=title%20%3D%3D%20%27Nest%20box%20{(n * Users) + user},%20north%20slope%27", bearer))]);
            filtered.Add([Requests.Build("GET", $"{Requests.Notes}?limit=50&filter=priority%20%3D%3D%203", bearer)]);
            creates.Add([Requests.Build("POST", Requests.Notes, bearer, Requests.Note)]);
        }

        return
        [
            ("read", 200, reads), ("page of 50", 200, pages), ("page of 50, sorted", 200, sorted),
            ("page of 50 of an indexed value", 200, filtered), ("one found by an indexed value", 200, found), ("create", 201, creates),
        ];
    }
}
