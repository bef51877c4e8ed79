using System.Text.Json;
using Backend;
using Backend.Model;
using Backend.Model.History;
using Backend.Records;
using Backend.Security;
using Backend.Sync;
using Local.Sqlite;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SyncClient;

namespace Simulator;

/// <summary>The server's real code from the request's bytes to SQLite, without a socket between.</summary>
internal sealed class Server : IAsyncDisposable
{
    /// <summary>In memory where there is such a place: nothing here asks anything of a disk.</summary>
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"backend-simulator-{Guid.NewGuid():n}")).FullName;

    private readonly SqliteDatabase _database;
    private readonly ServiceProvider _services;
    private readonly IRecordStore _purges;

    /// <param name="time">The server's clock.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="mutant">The promise that it breaks.</param>
    public Server(TimeProvider time, string model, Mutant mutant = Mutant.None)
    {
        var loaded = ModelLoader.Load(model);
        _database = new SqliteDatabase(Path.Combine(_folder, "backend.db"), loaded);
        Store = new CrashingStore(new SqliteRecordStore(_database, time)) { ForgetsRefusals = mutant is Mutant.RefusalsAreForgotten };
        _purges = mutant is Mutant.TombstonesArePurgedAtOnce
            ? new SqliteRecordStore(_database, new DriftingTime(time, TimeSpan.FromDays(365)))
            : Store;
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection([
                    new("Signing:Keys:0", Convert.ToBase64String(new byte[32])),
                    new("Sync:MaxClockDriftSeconds", mutant is Mutant.ClocksAreTrusted ? "86400" : "60"),
                ]).Build())
            .AddSingleton(time)
            .AddLogging()
            .AddBackend(loaded)
            .AddSingleton<IRecordStore>(Store)
            .AddSingleton<ModelHistory>()
            .BuildServiceProvider();
        _services.GetRequiredService<ModelHistory>().Establish(
            ShapeChange.Apply(null, loaded, ModelView.HashOf(loaded), new HashSet<string>()), loaded);
    }

    public CrashingStore Store { get; }

    /// <summary>Removes what has expired, as the server does in the background.</summary>
    public Task PurgeAsync(CancellationToken ct) => _purges.PurgeExpiredAsync(1_000, ct);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>One request of a user.</summary>
    /// <exception cref="KilledException">The server died over it.</exception>
    public async Task<SyncReply> ExchangeAsync(string user, byte[] request, CancellationToken ct)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.Method = HttpMethods.Post;
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(request);
        using var body = new MemoryStream();
        context.Response.Body = body;
        var exchange = await SyncJson.ReadAsync(context);
        var outcome = await Get<ExchangeChanges>().ExecuteAsync(new Caller(user), exchange, ct);
        if (outcome is not SyncOutcome.Done done)
        {
            return new SyncReply(outcome is SyncOutcome.ScopeNotFound ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, JsonSerializer.SerializeToUtf8Bytes(
                outcome.ToString() ?? "", StringJson.Default.String));
        }

        await new SyncResult(done).ExecuteAsync(context);
        return new SyncReply(StatusCodes.Status200OK, body.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class StringJson : System.Text.Json.Serialization.JsonSerializerContext;
