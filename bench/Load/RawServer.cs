using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Bench.Load;

/// <summary>
/// The reference: what Kestrel and SQLite can do on this machine when nothing is between them. No identity, no rules, no
/// checks; the same pragmas, prepared statements, pooled readers, and group commit.
/// </summary>
internal static class RawServer
{
    public const string Mode = "raw";

    private static readonly ConcurrentBag<Statements> Readers = [];

    public static async Task<int> RunAsync(string port, string data)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        await using var app = builder.Build();
        var connectionString = $"Data Source={Path.Combine(data, "raw.db")};Pooling=false";
        var writer = new RawWriter(new Statements(connectionString));
        app.MapGet("/health/live", static context => context.Response.WriteAsync("live"));
        app.MapGet("/{scope}", context => ListAsync(context, connectionString));
        app.MapGet("/{scope}/{id}", context => ReadAsync(context, connectionString));
        app.MapPost("/{scope}", context => CreateAsync(context, writer));
        app.MapPatch("/{scope}/{id}", context => PatchAsync(context, writer));
        await app.StartAsync();
        await GcReport.AnswerAsync();
        return 0;
    }

    private static Task ReadAsync(HttpContext context, string connectionString)
    {
        var reader = Take(connectionString);
        var body = reader.Read(Value(context, "scope"), Value(context, "id"));
        Readers.Add(reader);
        return AnswerAsync(context, body);
    }

    private static async Task ListAsync(HttpContext context, string connectionString)
    {
        var reader = Take(connectionString);
        var rows = reader.List(Value(context, "scope"), 50);
        Readers.Add(reader);
        context.Response.ContentType = "application/json";
        var output = context.Response.BodyWriter;
        output.Write("{\"items\":["u8);
        for (var i = 0; i < rows.Count; i++)
        {
            output.Write(i == 0 ? [] : ","u8);
            output.Write(rows[i]);
        }

        output.Write("]}"u8);
        await output.FlushAsync();
    }

    private static async Task CreateAsync(HttpContext context, RawWriter writer)
    {
        var body = await BodyAsync(context);
        using var parsed = JsonDocument.Parse(body); // whatever is stored is JSON
        var scope = Value(context, "scope");
        var id = Guid.CreateVersion7().ToString();
        await writer.WriteAsync(statements => statements.Insert(scope, id, body));
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = id;
        await AnswerAsync(context, body);
    }

    private static async Task PatchAsync(HttpContext context, RawWriter writer)
    {
        using var patch = JsonDocument.Parse(await BodyAsync(context));
        var (scope, id) = (Value(context, "scope"), Value(context, "id"));
        byte[] merged = [];
        await writer.WriteAsync(statements =>
        {
            merged = Merge(statements.Read(scope, id), patch.RootElement);
            statements.Update(scope, id, merged);
        });
        await AnswerAsync(context, merged);
    }

    private static byte[] Merge(byte[] current, JsonElement patch)
    {
        using var document = JsonDocument.Parse(current);
        var buffer = new ArrayBufferWriter<byte>(current.Length + 64);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!patch.TryGetProperty(property.Name, out _))
            {
                property.WriteTo(writer);
            }
        }

        foreach (var property in patch.EnumerateObject())
        {
            property.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static Statements Take(string connectionString) =>
        Readers.TryTake(out var reader) ? reader : new Statements(connectionString);

    private static string Value(HttpContext context, string name) => (string?)context.GetRouteValue(name) ?? "";

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        var body = new byte[context.Request.ContentLength ?? throw new InvalidOperationException("No length")];
        await context.Request.Body.ReadExactlyAsync(body);
        return body;
    }

    private static async Task AnswerAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body);
    }
}
