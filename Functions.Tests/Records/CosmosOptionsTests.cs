using System.Net;
using Backend.Azure.Records;
using Backend.Records;
using Functions.Tests.Fixtures;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Functions.Tests.Records;

public sealed class CosmosOptionsTests(CosmosServerFixture server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Faulty => new()
    {
        { "Endpoint", null },
        { "Database", "" },
        { "AcceptAnyCertificate", "true" },
        { "MaxThrottleWait", "-00:00:01" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task Options_that_cannot_work_stop_the_host(string setting, string? value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cosmos:Endpoint"] = "https://contoso.documents.azure.com",
            [$"Cosmos:{setting}"] = value,
        });
        builder.Services.AddSingleton(RecordStoreContract.Model).AddCosmosRecords();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Ct));

        Assert.Contains(setting, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task What_outlasts_the_retries_of_the_SDK_is_unavailability(int status)
    {
        var options = await server.OptionsAsync();
        var impatient = new CosmosOptions
        {
            Endpoint = options.Endpoint,
            Key = options.Key,
            Database = options.Database,
            Container = options.Container,
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            MaxThrottleWait = TimeSpan.Zero,
        };
        using var client = CosmosRecords.CreateClient(
            impatient,
            () => throw new InvalidOperationException("Signed in by key."),
            () => new HttpClient(new RefuseDocuments((HttpStatusCode)status, server.CreateHandler())));
        var store = new CosmosRecordStore(client, Options.Create(impatient), RecordStoreContract.Model, TimeProvider.System);
        Assert.True(RecordId.TryParse("a", out var id));
        var key = new RecordKey(Scope.ForUser("alice"), "notes", id);
        var record = new StoredRecord
        {
            Key = key,
            Owner = "alice",
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Fields = RecordFields.Empty,
        };

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.FindAsync(key, Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CreateAsync(record, Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReplaceAsync(record, new ETag("x"), Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadChangesAsync(key.Scope, null, 1, Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CheckAsync(Ct));
        Assert.Equal(status == 429 ? TimeSpan.FromMilliseconds(250) : null, error.RetryAfter);
    }

    /// <summary>A database that is too busy for documents.</summary>
    private sealed class RefuseDocuments(HttpStatusCode status, HttpMessageHandler server) : DelegatingHandler(server)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri?.AbsolutePath.Contains("/docs", StringComparison.Ordinal) is not true)
            {
                return base.SendAsync(request, cancellationToken);
            }

            var response = new HttpResponseMessage(status) { RequestMessage = request, Content = new StringContent("{}") };
            if (status is HttpStatusCode.TooManyRequests)
            {
                response.Headers.Add("x-ms-retry-after-ms", "250");
            }

            return Task.FromResult(response);
        }
    }
}
