using System.Globalization;
using Backend.Changes;
using Backend.Records;
using Local.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.CrashHost;

/// <summary>
/// The embedded host with a handler of changes that often fails, and a writer. It prints what was written and keeps what
/// was delivered in a file, until it is killed; or, told to finish, until everything has been delivered.
/// </summary>
internal static class ChangesHost
{
    private const int Scopes = 5;
    private const int RecordsOfAScope = 20;

    /// <param name="data">The data folder.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="seed">For what is written and what fails.</param>
    /// <param name="finish">Writes nothing, fails never, and ends when it is told by a line on its input.</param>
    public static async Task RunAsync(string data, string model, int seed, bool finish)
    {
        await using var deliveries = new StreamWriter(Path.Combine(data, "deliveries"), append: true) { AutoFlush = true };
        var handler = new Handler(deliveries, new Random(seed), finish ? 0 : 0.1);
        await using var app = LocalHost.Build(
            [
                "--port", "0", "--data", data, "--model", model, "--environment", "Development",
                "--Changes:MaxRetrySeconds=1", "--Changes:MaxWaitingRecords=10", "--Logging:LogLevel:Default=None",
            ],
            services => services.AddSingleton<IRecordChangeHandler>(handler));
        await app.StartAsync();
        await Console.Out.WriteLineAsync("ready");
        if (finish)
        {
            await Console.In.ReadLineAsync();
            return;
        }

        var store = app.Services.GetRequiredService<IRecordStore>();
        var random = new Random(seed);
        while (true)
        {
            var written = await WriteAsync(store, random);
            await Console.Out.WriteLineAsync($"{written.Key.Scope} {written.Key.Id} {written.ETag.Value}");
        }
    }

    private static async Task<StoredRecord> WriteAsync(IRecordStore store, Random random)
    {
        var key = KeyOf(random.Next(Scopes), random.Next(RecordsOfAScope));
        var now = TimeProvider.System.GetUtcNow();
        var before = await store.FindAsync(key, CancellationToken.None);
        var record = new StoredRecord
        {
            Key = key,
            Owner = "alice",
            CreatedAt = before?.CreatedAt ?? now,
            UpdatedAt = now,
            Fields = RecordFields.Write(json => json.WriteString("title", now.ToString("O", CultureInfo.InvariantCulture))),
        };
        var outcome = before is null
            ? await store.CreateAsync(record, CancellationToken.None)
            : await store.ReplaceAsync(record, before.ETag, CancellationToken.None);
        return outcome is WriteOutcome.Written written
            ? written.Record
            : throw new InvalidOperationException("There is no other writer.");
    }

    private static RecordKey KeyOf(int scope, int record) =>
        RecordId.TryParse($"r{record}", out var id)
            ? new RecordKey(Scope.ForUser($"user{scope}"), "notes", id)
            : throw new InvalidOperationException("That is an id.");

    private sealed class Handler(StreamWriter deliveries, Random random, double failing) : IRecordChangeHandler
    {
        private readonly Lock _lock = new();

        public string Name => "crash";

        public Task HandleAsync(StoredRecord record, CancellationToken ct)
        {
            lock (_lock)
            {
                if (random.NextDouble() < failing)
                {
                    throw new IOException("not now");
                }

                deliveries.WriteLine($"{record.Key.Scope} {record.Key.Id} {record.ETag.Value}");
                return Task.CompletedTask;
            }
        }
    }
}
