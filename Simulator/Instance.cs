using Backend;
using Backend.Merging;
using Backend.Model.History;
using Backend.Records;
using Backend.Security;
using Backend.Sync;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SyncClient;
using RecordAddress = Backend.Records.RecordAddress;

namespace Simulator;

/// <summary>One process of the server, from the request's bytes to the store, without a socket between.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    /// <param name="version">The model's version that it was deployed with.</param>
    /// <param name="store">Its store.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="mutant">The promise that it breaks.</param>
    public Instance(int version, CrashingStore store, TimeProvider time, Mutant mutant)
    {
        (Version, Store) = (version, store);
        var (model, shape) = ModelVersions.Of(version);
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection([
                    new("Signing:Keys:0", Convert.ToBase64String(new byte[32])),
                    new("Sync:MaxClockDriftSeconds", mutant is Mutant.ClocksAreTrusted ? "86400" : "60"),
                ]).Build())
            .AddSingleton(time)
            .AddLogging()
            .AddBackend(model)
            .AddSingleton<IRecordResolver>(new ScoreResolver(mutant))
            .AddRecordStore(_ => store)
            .BuildServiceProvider();
        _services.GetRequiredService<ModelHistory>().Establish(shape, model);
    }

    public int Version { get; }

    public CrashingStore Store { get; }

    /// <summary>One exchange of a user.</summary>
    /// <exception cref="KilledException">The server died over it.</exception>
    public async Task<SyncReply> ExchangeAsync(string user, byte[] request, CancellationToken ct)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.Method = HttpMethods.Post;
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(request);
        using var body = new MemoryStream();
        context.Response.Body = body;
        var result = await SyncEndpoints.Exchange(context, new Caller(user), _services.GetRequiredService<ExchangeChanges>(), ct);
        await result.ExecuteAsync(context);
        return Store.IsDead ? throw new KilledException() : new SyncReply(context.Response.StatusCode, body.ToArray());
    }

    /// <summary>One PATCH of the data API.</summary>
    /// <returns>The record as written; null when it was refused.</returns>
    /// <exception cref="KilledException">The server died over it.</exception>
    public async Task<StoredRecord?> PatchAsync(string user, SyncClient.RecordAddress record, byte[] body, CancellationToken ct)
    {
        using var json = System.Text.Json.JsonDocument.Parse(body);
        var address = new RecordAddress(record.Collection, record.Id, record.Scope, ETagCondition.Parse(default));
        var outcome = await _services.GetRequiredService<ChangeRecord>().ExecuteAsync(
            new Caller(user), address, new RecordEdit.Patch(json.RootElement), ct);
        return Store.IsDead ? throw new KilledException() : (outcome as RecordOutcome.Done)?.Record;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
