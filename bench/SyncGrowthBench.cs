using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Backend.Records;
using Bench.Load;
using Local.Sqlite;

namespace Bench;

/// <summary>
/// What the size of a scope does to syncing it: a first sync by several devices at a time, with the memory that the server
/// takes for it, and a pull of what little is new, which must cost the same however much there is.
/// </summary>
internal static class SyncGrowthBench
{
    private const string User = "user-0";
    private const int Devices = 4;
    private const int New = 10;
    private const int Rounds = 7;
    private const int WritesAtOnce = 512;
    private static readonly int[] Sizes = [1_000, 10_000, 100_000];
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(700);

    public static async Task<int> RunAsync(string? program)
    {
        var scopes = new List<Size>();
        foreach (var count in Sizes)
        {
            scopes.Add(await Size.StartAsync(program, count));
        }

        Console.WriteLine($"{Environment.ProcessorCount} processors, {Devices} devices at a time");
        Console.WriteLine("| records of the scope | first sync, records/s | CPU µs/record | memory before, MB | peak, MB |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var scope in scopes)
        {
            await scope.FirstSyncAsync();
        }

        var meters = scopes.ConvertAll(static scope => scope.Meter());
        for (var round = -2; round < Rounds; round++)
        {
            foreach (var (of, meter) in meters)
            {
                await (round < 0 ? of.Client.RunAsync(Devices, 200, RoundTime, meter.Requests) : meter.RunAsync(Devices, RoundTime));
            }
        }

        Console.WriteLine($"\n| records of the scope | pulls of {New} changes a second | CPU µs/pull |");
        Console.WriteLine("|---|---|---|");
        foreach (var ((_, meter), count) in meters.Zip(Sizes))
        {
            Console.WriteLine($"| {count:N0} | {meter.PerSecond:0} | {meter.CpuMicroseconds:0} |");
        }

        foreach (var scope in scopes)
        {
            await scope.DisposeAsync();
        }

        return 0;
    }

    /// <summary>A server with one scope of some size.</summary>
    private sealed class Size(Target target, int count, string? token) : IAsyncDisposable
    {
        private string? _cursor;

        public static async Task<Size> StartAsync(string? program, int count)
        {
            var data = Directory.CreateTempSubdirectory("backend-bench-");
            await FillAsync(data, count);
            var target = program is null ? await Target.StartSelfAsync(HostedLocal.Mode, data) : await Target.StartLocalAsync(program, data);
            return new Size(target, count, await Requests.TokenAsync(target, User));
        }

        public async Task FirstSyncAsync()
        {
            await SendAsync(Pull(null, 100)); // a warm server's memory, and its code
            var (before, cpu, watch) = (target.MemoryMb, target.Cpu, Stopwatch.StartNew());
            var cursors = await Task.WhenAll(Enumerable.Range(0, Devices).Select(_ => Task.Run(PullAllAsync)));
            var records = (double)Devices * count;
            Console.WriteLine(
                $"| {count:N0} | {records / watch.Elapsed.TotalSeconds:0} | {(target.Cpu - cpu).TotalMicroseconds / records:0.0} "
                + $"| {before:0} | {target.PeakMemoryMb:0} |");
            _cursor = cursors[0].Cursor;
            if (Array.Exists(cursors, device => device.Records != count))
            {
                throw new InvalidOperationException("A device has not got all there is.");
            }

            var mutations = Enumerable.Range(1, New).Select(seq =>
                $$"""{"seq":{{seq}},"op":"put","collection":"notes","id":"new-{{seq}}","fields":{{Requests.Note}}}""");
            await SendAsync($$"""{"client":"phone","push":[{{string.Join(',', mutations)}}]}""");
        }

        public (Target Target, Meter Meter) Meter()
        {
            var request = Requests.Build("POST", "/v1/sync", token, Pull(_cursor, 100));
            return (target, new Meter(target, 200, [.. Enumerable.Repeat<byte[][]>([request], Devices)]));
        }

        public ValueTask DisposeAsync() => target.DisposeAsync();

        private async Task<(int Records, string? Cursor)> PullAllAsync()
        {
            var (records, cursor) = (0, (string?)null);
            for (var hasMore = true; hasMore;)
            {
                using var answer = JsonDocument.Parse(await SendAsync(Pull(cursor, 1_000)));
                var changes = answer.RootElement.GetProperty("changes")[0];
                records += changes.GetProperty("records").GetArrayLength();
                cursor = changes.GetProperty("cursor").GetString();
                hasMore = changes.GetProperty("hasMore").GetBoolean();
            }

            return (records, cursor);
        }

        private async Task<byte[]> SendAsync(string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sync")
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
            };
            using var answer = await target.Http.SendAsync(request);
            return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        }

        private static string Pull(string? cursor, int limit) =>
            $$"""{"pull":[{"scope":"user/{{User}}","cursor":{{(cursor is null ? "null" : $"\"{cursor}\"")}}}],"limit":{{limit}}}""";

        /// <summary>Through the store, without HTTP.</summary>
        private static async Task FillAsync(DirectoryInfo data, int count)
        {
            await using var database = new SqliteDatabase(Path.Combine(data.FullName, "backend.db"));
            var store = new SqliteRecordStore(database, TimeProvider.System);
            foreach (var numbers in Enumerable.Range(0, count).Chunk(WritesAtOnce))
            {
                await Task.WhenAll(numbers.Select(_ =>
                {
                    var now = TimeProvider.System.GetUtcNow();
                    return store.CreateAsync(
                        new StoredRecord
                        {
                            Key = new RecordKey(Scope.ForUser(User), "notes", RecordId.New(now)),
                            Owner = User,
                            CreatedAt = now,
                            UpdatedAt = now,
                            Fields = new RecordFields(Encoding.UTF8.GetBytes(Requests.Note)),
                        },
                        CancellationToken.None);
                }));
            }
        }
    }
}
