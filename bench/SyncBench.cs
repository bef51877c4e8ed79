using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Backend.Records;
using Bench.Load;

namespace Bench;

/// <summary>
/// Push and pull of 100 records a request beside the same work in CouchDB's protocol by PouchDB (<c>_bulk_docs</c>,
/// <c>_changes</c> with the documents), in rounds that take turns. Every connection is a user with a scope, or a database,
/// of its own, and what is pulled is what was pushed.
/// </summary>
internal static class SyncBench
{
    private const int Users = 4;
    private const int WarmUps = 40;
    private const int Rounds = 9;
    private const int PushesOfARound = 30;
    private const int RecordsOfAPush = 100;
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(1500);

    /// <param name="program">A published Local; null for the one inside this program, whose allocations by a push are told.</param>
    /// <param name="reference">Another published Local; null for PouchDB.</param>
    /// <param name="withIndexes">Whether the notes have the five indexes of the sample's model, or none, as in PouchDB.</param>
    public static async Task<int> RunAsync(string? program, string? reference, bool withIndexes)
    {
        using var model = new SampleModel(withIndexes);
        await using var local = program is null
            ? await Target.StartSelfAsync(HostedLocal.Mode, null, model.Folder)
            : await Target.StartLocalAsync(program, model: model.Folder);
        await using var other = reference is null
            ? await Target.StartNodeAsync("bench/pouchdb/serve.js")
            : await Target.StartLocalAsync(reference);
        ISyncPeer subject = await LocalPeer.CreateAsync(local, Users);
        ISyncPeer peer = reference is null ? await PouchPeer.CreateAsync(other, Users) : await LocalPeer.CreateAsync(other, Users);
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Users} connections, {RecordsOfAPush} records a request");
        Console.WriteLine("| | Local records/s | reference | ratio | p50 ms | CPU µs/record | reference | ratio | bytes/record |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var (pushes, others) = (new Meter(local, subject.PushStatus, []), new Meter(other, peer.PushStatus, []));
        for (var round = -WarmUps; round < Rounds; round++)
        {
            // The first rounds are for the just-in-time compilers.
            var (mine, theirs) = round < 0
                ? (new Meter(local, subject.PushStatus, []), new Meter(other, peer.PushStatus, []))
                : (pushes, others);
            await mine.RunOnceAsync(subject.Pushes(PushesOfARound, RecordsOfAPush));
            await theirs.RunOnceAsync(peer.Pushes(PushesOfARound, RecordsOfAPush));
        }

        Write("push", pushes, others, program is null
            ? await AllocationsAsync(local, () => pushes.RunOnceAsync(subject.Pushes(PushesOfARound, RecordsOfAPush)), Users * PushesOfARound)
            : null);
        var (pages, otherPages) = (await subject.PullsAsync(RecordsOfAPush), await peer.PullsAsync(RecordsOfAPush));
        var (pulls, otherPulls) = (new Meter(local, 200, pages), new Meter(other, 200, otherPages));
        await local.Client.RunAsync(Users, 200, 2 * RoundTime, pages);
        await other.Client.RunAsync(Users, 200, 2 * RoundTime, otherPages);
        for (var round = 0; round < Rounds; round++)
        {
            await pulls.RunAsync(Users, RoundTime);
            await otherPulls.RunAsync(Users, RoundTime);
        }

        Write("pull", pulls, otherPulls, null);
        Console.WriteLine($"{local.PeakMemoryMb:0} MB at the peak, reference {other.PeakMemoryMb:0} MB");
        return 0;
    }

    /// <summary>Bytes that the server allocates for a record; only of the one inside this program.</summary>
    private static async Task<double> AllocationsAsync(Target target, Func<Task> round, int requests)
    {
        var (before, _) = await target.ReadGcAsync();
        await round();
        var (after, _) = await target.ReadGcAsync();
        return (after - before) / (double)(requests * RecordsOfAPush);
    }

    private static void Write(string what, Meter mine, Meter theirs, double? bytes) => Console.WriteLine(
        $"| {what} | {mine.PerSecond * RecordsOfAPush:0} | {theirs.PerSecond * RecordsOfAPush:0} | {mine.PerSecond / theirs.PerSecond:0.0} "
        + $"| {mine.Percentile(0.5):0.0} | {mine.CpuMicroseconds / RecordsOfAPush:0.0} | {theirs.CpuMicroseconds / RecordsOfAPush:0.0} "
        + $"| {theirs.CpuMicroseconds / mine.CpuMicroseconds:0.0} | {bytes:0} |");

    /// <summary>Requests of one protocol, as bytes.</summary>
    private interface ISyncPeer
    {
        int PushStatus { get; }

        /// <summary>For every user, requests that nobody has sent yet.</summary>
        IReadOnlyList<byte[][]> Pushes(int count, int records);

        /// <summary>For every user, one request for each full page of what there is.</summary>
        Task<List<byte[][]>> PullsAsync(int records);
    }

    private sealed class LocalPeer(Target target, List<string?> tokens) : ISyncPeer
    {
        private int _seq;

        public int PushStatus => 200;

        public static async Task<LocalPeer> CreateAsync(Target target, int users)
        {
            var tokens = new List<string?>();
            for (var user = 0; user < users; user++)
            {
                tokens.Add(await Requests.TokenAsync(target, $"user-{user}"));
            }

            return new LocalPeer(target, tokens);
        }

        public IReadOnlyList<byte[][]> Pushes(int count, int records) => [.. tokens.Select((token, user) =>
            Enumerable.Range(0, count).Select(_ => Requests.Build("POST", "/v1/sync", token, Push(user, records))).ToArray())];

        public async Task<List<byte[][]>> PullsAsync(int records)
        {
            var all = new List<byte[][]>();
            foreach (var (user, token) in tokens.Index())
            {
                var pages = new List<byte[]>();
                for (string? cursor = null; ;)
                {
                    var body = $$"""{"pull":[{"scope":"user/user-{{user}}","cursor":{{(cursor is null ? "null" : $"\"{cursor}\"")}}}],"limit":{{records}}}""";
                    using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sync")
                    {
                        Content = new StringContent(body, Encoding.UTF8, "application/json"),
                        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
                    };
                    using var answer = await target.Http.SendAsync(request);
                    using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
                    var changes = json.RootElement.GetProperty("changes")[0];
                    if (changes.GetProperty("records").GetArrayLength() < records)
                    {
                        break;
                    }

                    pages.Add(Requests.Build("POST", "/v1/sync", token, body));
                    cursor = changes.GetProperty("cursor").GetString();
                    if (!changes.GetProperty("hasMore").GetBoolean())
                    {
                        break;
                    }
                }

                all.Add([.. pages]);
            }

            return all;
        }

        private string Push(int user, int records)
        {
            var mutations = Enumerable.Range(0, records).Select(_ =>
            {
                var now = TimeProvider.System.GetUtcNow();
                return $$"""{"seq":{{++_seq}},"op":"put","collection":"notes","id":"{{RecordId.New(now)}}","scope":"user/user-{{user}}","fields":{{Requests.Note}},"stamp":"{{now.ToUnixTimeMilliseconds() << 16:x16}}","base":"0000000000000000"}""";
            });
            return $$"""{"client":"phone-{{user}}","push":[{{string.Join(',', mutations)}}]}""";
        }
    }

    private sealed class PouchPeer(Target target, int users) : ISyncPeer
    {
        public int PushStatus => 201;

        public static async Task<PouchPeer> CreateAsync(Target target, int users)
        {
            for (var user = 0; user < users; user++)
            {
                using var answer = await target.Http.PutAsync(new Uri($"/user-{user}", UriKind.Relative), null);
                answer.EnsureSuccessStatusCode();
            }

            return new PouchPeer(target, users);
        }

        public IReadOnlyList<byte[][]> Pushes(int count, int records) => [.. Enumerable.Range(0, users).Select(user =>
            Enumerable.Range(0, count).Select(_ => Requests.Build("POST", $"/user-{user}/_bulk_docs", null, Push(records))).ToArray())];

        public async Task<List<byte[][]>> PullsAsync(int records)
        {
            var all = new List<byte[][]>();
            for (var user = 0; user < users; user++)
            {
                var pages = new List<byte[]>();
                for (var since = "0"; ;)
                {
                    var path = $"/user-{user}/_changes?since={since}&limit={records}&include_docs=true";
                    using var answer = await target.Http.GetAsync(new Uri(path, UriKind.Relative));
                    using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
                    if (json.RootElement.GetProperty("results").GetArrayLength() < records)
                    {
                        break;
                    }

                    pages.Add(Requests.Build("GET", path, null));
                    since = json.RootElement.GetProperty("last_seq").GetRawText();
                }

                all.Add([.. pages]);
            }

            return all;
        }

        private static string Push(int records) =>
            $$"""{"docs":[{{string.Join(',', Enumerable.Range(0, records).Select(_ =>
                $$"""{"_id":"{{RecordId.New(TimeProvider.System.GetUtcNow())}}",{{Requests.Note[1..]}}"""))}}]}""";
    }
}
