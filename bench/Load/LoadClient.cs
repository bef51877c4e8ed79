using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bench.Load;

/// <summary>
/// Keeps a number of connections busy, each with one request at a time. Sends bytes that were prepared before and looks
/// only for the status and the end of each answer: what it costs itself it takes from the server, on the same processors.
/// </summary>
internal sealed class LoadClient(int port)
{
    /// <param name="connections">How many.</param>
    /// <param name="status">What every answer must have.</param>
    /// <param name="duration">How long no request waits for the next.</param>
    /// <param name="requests">What each connection sends in turn.</param>
    /// <param name="once">Whether to end after the last of them, for those that can be sent only once.</param>
    public async Task<Round> RunAsync(
        int connections, int status, TimeSpan duration, IReadOnlyList<byte[][]> requests, bool once = false)
    {
        var sockets = new List<Socket>();
        for (var i = 0; i < connections; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            sockets.Add(socket);
        }

        var watch = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(sockets.Select(
            (socket, i) => Task.Run(() => SendAsync(socket, status, watch, duration, requests[i], once))));
        var elapsed = watch.Elapsed;
        sockets.ForEach(static socket => socket.Dispose());
        var all = latencies.SelectMany(static some => some).ToArray();
        Array.Sort(all);
        return new Round(all, elapsed);
    }

    private static async Task<List<long>> SendAsync(
        Socket socket, int status, Stopwatch watch, TimeSpan duration, byte[][] requests, bool once)
    {
        var expected = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} ");
        var buffer = new byte[1 << 17];
        var latencies = new List<long>(1 << 14);
        for (var number = 0; watch.Elapsed < duration && !(once && number == requests.Length); number++)
        {
            var start = Stopwatch.GetTimestamp();
            await socket.SendAsync(requests[number % requests.Length]);
            var length = 0;
            do
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length));
                length = read > 0 ? length + read : throw new InvalidOperationException("The server closed a connection");
            }
            while (!IsComplete(buffer.AsSpan(0, length)));

            latencies.Add(Stopwatch.GetTimestamp() - start);
            if (!buffer.AsSpan(0, length).StartsWith(expected))
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }

        return latencies;
    }

    /// <summary>Enough for an answer that is alone on its connection, as one always is here.</summary>
    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var length = answer[..end].IndexOf("\r\nContent-Length: "u8);
        if (length < 0)
        {
            return answer.EndsWith("\r\n0\r\n\r\n"u8); // chunked
        }

        _ = Utf8Parser.TryParse(answer[(length + 18)..], out int body, out _);
        return answer.Length >= end + 4 + body;
    }
}

/// <param name="Latencies">Of every request, sorted, in ticks of the stopwatch.</param>
/// <param name="Elapsed">How long the round took.</param>
internal sealed record Round(long[] Latencies, TimeSpan Elapsed)
{
    public double PerSecond => Latencies.Length / Elapsed.TotalSeconds;
}
