using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Backend.Sync.V1;
using Bench.Load;
using Google.Protobuf;

namespace Bench;

/// <summary>
/// The exchange in JSON and in Protocol Buffers: the bytes on the wire, plain and as the server and a client compress them,
/// and the processor time that a page costs the server.
/// </summary>
internal static class SyncSizesBench
{
    private const string Json = "application/json";
    private const string Protobuf = "application/x-protobuf";
    private const int Rounds = 10;
    private const int PullsOfARound = 300;

    private static readonly string[] Formats = [Json, Protobuf];

    public static async Task<int> RunAsync()
    {
        await using var target = await Target.StartSelfAsync(HostedLocal.Mode);
        target.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Requests.TokenAsync(target, "alice"));
        Console.WriteLine("| | JSON | Protocol Buffers | | JSON, gzip | Protocol Buffers, gzip | |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var seq = 0;
        foreach (var count in (int[])[1, 100])
        {
            // Other ids for each format, since what was sent before is known.
            var requests = Formats.Select(format => Push(format, $"phone-{format[^4..]}", count, ref seq)).ToArray();
            Write($"push of {count}, request", requests);
            Write($"push of {count}, answer", await Task.WhenAll(Formats.Zip(requests, (format, request) => SendAsync(target, format, request))));
        }

        byte[][] pulls = [.. Formats.Select(Pull)];
        Write("page of 100 records, answer", await Task.WhenAll(Formats.Zip(pulls, (format, pull) => SendAsync(target, format, pull))));
        await MeasureAsync(target, pulls);
        return 0;
    }

    /// <summary>Processor time of pulls, in rounds that take turns; the first one of each warms up.</summary>
    private static async Task MeasureAsync(Target target, byte[][] pulls)
    {
        var spent = new TimeSpan[Formats.Length];
        for (var round = 0; round <= Rounds; round++)
        {
            for (var i = 0; i < Formats.Length; i++)
            {
                var before = target.Cpu;
                for (var pull = 0; pull < PullsOfARound; pull++)
                {
                    await SendAsync(target, Formats[i], pulls[i]);
                }

                spent[i] += round == 0 ? TimeSpan.Zero : target.Cpu - before;
            }
        }

        var costs = spent.Select(static time => time.TotalMicroseconds / (Rounds * PullsOfARound)).ToArray();
        Console.WriteLine($"\nA page of 100 records costs the server {costs[0]:0} µs of processor time in JSON, {costs[1]:0} µs in Protocol Buffers.");
    }

    private static void Write(string what, byte[][] bodies)
    {
        var plain = bodies.Select(static body => body.Length).ToArray();
        var gzip = bodies.Select(Gzip).ToArray();
        Console.WriteLine(
            $"| {what} | {plain[0]:N0} | {plain[1]:N0} | {(double)plain[1] / plain[0]:0.00} | {gzip[0]:N0} | {gzip[1]:N0} | {(double)gzip[1] / gzip[0]:0.00} |");
    }

    /// <summary>At the level at which the server compresses.</summary>
    private static int Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return (int)buffer.Length;
    }

    private static async Task<byte[]> SendAsync(Target target, string format, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(format);
        using var answer = await target.Http.PostAsync(new Uri("/v1/sync", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static byte[] Pull(string format) => format == Json
        ? Encoding.UTF8.GetBytes("""{"pull":[{"scope":"user/alice"}],"limit":100}""")
        : new SyncRequest { Pull = { new Pull { Scope = "user/alice" } }, Limit = 100 }.ToByteArray();

    /// <summary>Notes as an app would send them, no two of which say the same.</summary>
    private static byte[] Push(string format, string client, int count, ref int seq)
    {
        var mutations = new List<Mutation>();
        for (var i = 0; i < count; i++)
        {
            var number = ++seq;
            var now = TimeProvider.System.GetUtcNow();
            mutations.Add(new Mutation
            {
                Seq = number,
                Op = Op.Put,
                Collection = "notes",
                Id = Guid.CreateVersion7(now).ToString(),
                Scope = "user/alice",
                Stamp = (ulong)now.ToUnixTimeMilliseconds() << 16,
                Base = 0,
                Fields = FieldsOf(number, now),
            });
        }

        var request = new SyncRequest { Client = client, Push = { mutations } };
        return format == Json ? InJson(request) : request.ToByteArray();
    }

    private static ObjectValue FieldsOf(int number, DateTimeOffset now)
    {
        using var note = JsonDocument.Parse(Requests.Note);
        var fields = new ObjectValue();
        foreach (var member in note.RootElement.EnumerateObject())
        {
            fields.Members[member.Name] = member.Value.ValueKind switch
            {
                JsonValueKind.Number => new Value { Integer = number % 6 },
                JsonValueKind.Array => new Value { List = ListOf(member.Value) },
                _ when member.Name == "title" => new Value { Text = $"Nest box {number}, north slope" },
                _ when member.Name == "dueAt" => new Value { Text = now.AddMinutes(number).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) },
                _ => new Value { Text = $"{number * 7919 % 97} adults. {member.Value.GetString()}" },
            };
        }

        return fields;
    }

    private static ListValue ListOf(JsonElement texts)
    {
        var list = new ListValue();
        list.Values.AddRange(texts.EnumerateArray().Select(static text => new Value { Text = text.GetString() }));
        return list;
    }

    private static byte[] InJson(SyncRequest request)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("client", request.Client);
            writer.WriteStartArray("push");
            foreach (var mutation in request.Push)
            {
                writer.WriteStartObject();
                writer.WriteNumber("seq", mutation.Seq);
                writer.WriteString("op", "put");
                writer.WriteString("collection", mutation.Collection);
                writer.WriteString("id", mutation.Id);
                writer.WriteString("scope", mutation.Scope);
                writer.WriteStartObject("fields");
                foreach (var (name, value) in mutation.Fields.Members)
                {
                    writer.WritePropertyName(name);
                    WriteValue(writer, value);
                }

                writer.WriteEndObject();
                writer.WriteString("stamp", mutation.Stamp.ToString("x16", CultureInfo.InvariantCulture));
                writer.WriteString("base", mutation.Base.ToString("x16", CultureInfo.InvariantCulture));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, Value value)
    {
        if (value.KindCase is Value.KindOneofCase.List)
        {
            writer.WriteStartArray();
            foreach (var element in value.List.Values)
            {
                writer.WriteStringValue(element.Text);
            }

            writer.WriteEndArray();
        }
        else if (value.KindCase is Value.KindOneofCase.Integer)
        {
            writer.WriteNumberValue(value.Integer);
        }
        else
        {
            writer.WriteStringValue(value.Text);
        }
    }
}
