using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Bench.Load;

namespace Bench;

/// <summary>
/// What a device has that was offline for long, as one file, beside the same mutations in pushes of 100: mutations a second from the
/// first request to the last result, and the memory that the server takes.
/// </summary>
internal static class SyncBatchBench
{
    private const int PushSize = 100;
    private static readonly int[] Sizes = [10_000, 100_000];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync(string? program)
    {
        Console.WriteLine("| mutations | as | mutations/s | CPU µs/mutation | memory before, MB | peak, MB |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var count in Sizes)
        {
            await MeasureAsync(program, count, "a file", SendFileAsync);
            await MeasureAsync(program, count, $"pushes of {PushSize}", PushAsync);
        }

        return 0;
    }

    private static async Task MeasureAsync(string? program, int count, string name, Func<HttpClient, string[], Task> send)
    {
        await using var target = program is null ? await Target.StartSelfAsync(HostedLocal.Mode) : await Target.StartLocalAsync(program);
        target.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Requests.TokenAsync(target, "user-0"));
        await PushAsync(target.Http, Mutations(PushSize, "warm")); // a warm server's memory, and its code
        var mutations = Mutations(count, "n");
        var (before, cpu, watch) = (target.MemoryMb, target.Cpu, Stopwatch.StartNew());
        await send(target.Http, mutations);
        Console.WriteLine(
            $"| {count:N0} | {name} | {count / watch.Elapsed.TotalSeconds:0} | {(target.Cpu - cpu).TotalMicroseconds / count:0.0} "
            + $"| {before:0} | {target.PeakMemoryMb:0} |");
    }

    /// <summary>One new note and three changes of it, and so on, all from a device that has not exchanged meanwhile.</summary>
    private static string[] Mutations(int count, string prefix) =>
    [
        .. Enumerable.Range(0, count).Select(i => Mutation(Seq(prefix, i), $"{prefix}-{i / 4}", i % 4 == 0
            ? $"\"op\":\"put\",\"fields\":{Requests.Note.Trim()}"
            : "\"op\":\"patch\",\"fields\":{\"priority\":2,\"likes\":{\"$increment\":1}}")),
    ];

    private static string Mutation(int seq, string id, string rest) =>
        $$"""{"seq":{{seq}},"collection":"notes","id":"{{id}}","base":"0000000000000000",{{rest}}}""";

    private static int Seq(string prefix, int i) => i + (prefix == "warm" ? 1 : PushSize + 1);

    private static async Task PushAsync(HttpClient http, string[] mutations)
    {
        foreach (var push in mutations.Chunk(PushSize))
        {
            using var answer = await PostAsync(http, "/v1/sync", $$"""{"client":"phone","push":[{{string.Join(',', push)}}]}""");
            Check(answer.RootElement.GetProperty("results").EnumerateArray().Count(result => result.GetProperty("status").GetString() == "applied"), push.Length);
        }
    }

    private static async Task SendFileAsync(HttpClient http, string[] mutations)
    {
        var file = Encoding.UTF8.GetBytes(string.Join('\n', mutations));
        using var created = await PostAsync(http, "/v1/sync/batches", $$"""{"client":"phone","size":{{file.Length}}}""");
        var (id, upload) = (created.RootElement.GetProperty("id").GetString(), created.RootElement.GetProperty("upload"));
        using (var put = new HttpRequestMessage(HttpMethod.Put, upload.GetProperty("url").GetString()) { Content = new ByteArrayContent(file) })
        {
            foreach (var header in upload.GetProperty("headers").EnumerateObject())
            {
                if (!put.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString()))
                {
                    put.Content.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
                }
            }

            using var taken = await http.SendAsync(put);
            taken.EnsureSuccessStatusCode();
        }

        while (true)
        {
            await Task.Delay(Pause); // more often than Retry-After asks for: the end is what is measured
            using var view = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"/v1/sync/batches/{id}", UriKind.Relative)));
            if (view.RootElement.GetProperty("state").GetString() is not ("pending" or "running"))
            {
                Check(view.RootElement.GetProperty("progress").GetProperty("applied").GetInt32(), mutations.Length);
                break;
            }
        }

        using var results = await http.GetAsync(new Uri($"/v1/sync/batches/{id}/results", UriKind.Relative));
        results.EnsureSuccessStatusCode();
    }

    private static async Task<JsonDocument> PostAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created
            ? JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync())
            : throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static void Check(int applied, int expected)
    {
        if (applied != expected)
        {
            throw new InvalidOperationException($"{applied} of {expected} mutations were applied.");
        }
    }
}
