using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bench;

/// <summary>How long a photo takes from the PUT of its bytes until it is ready, one after the other and many at once.</summary>
internal static class PhotoBench
{
    private const int Rounds = 101;
    private const int AtOnce = 100;

    public static async Task<int> RunAsync(string program, string photo)
    {
        var bytes = await File.ReadAllBytesAsync(photo);
        var (host, _) = await HostUnderTest.StartAsync(program);
        await using (host)
        {
            using var token = await ReadAsync(await host.Http.PostAsJsonAsync("/dev/token", new { sub = "bench" }));
            host.Http.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Bearer", token.RootElement.GetProperty("access_token").GetString());
            await ProcessAsync(host.Http, bytes); // warms up

            var times = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                times.Add(await ProcessAsync(host.Http, bytes));
            }

            times.Sort();
            Console.WriteLine(
                $"PUT to ready, {bytes.Length / 1024} KiB: p50 {times[Rounds / 2]:0} ms, p99 {times[Rounds * 99 / 100]:0} ms of {Rounds}; peak memory {host.Memory().Peak} MB");

            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => ProcessAsync(host.Http, bytes)));
            Console.WriteLine($"{AtOnce} at once: {watch.ElapsedMilliseconds} ms, peak memory {host.Memory().Peak} MB");
        }

        return 0;
    }

    private static async Task<double> ProcessAsync(HttpClient http, byte[] bytes)
    {
        using var slot = await ReadAsync(await http.PostAsJsonAsync("/v1/media", new { contentType = "image/jpeg", size = bytes.Length }));
        var upload = slot.RootElement.GetProperty("upload");
        using var request = new HttpRequestMessage(HttpMethod.Put, upload.GetProperty("url").GetString()) { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        var watch = Stopwatch.StartNew();
        using var put = await http.SendAsync(request);
        put.EnsureSuccessStatusCode();
        while (true)
        {
            using var media = await ReadAsync(await http.GetAsync($"/v1/media/{slot.RootElement.GetProperty("id").GetString()}"));
            switch (media.RootElement.GetProperty("status").GetString())
            {
                case "ready":
                    return watch.Elapsed.TotalMilliseconds;
                case "failed":
                    throw new InvalidOperationException(media.RootElement.GetRawText());
            }

            await Task.Delay(5);
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            response.EnsureSuccessStatusCode();
            return JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        }
    }
}
