using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Backend.Orchestrations;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Orchestrations;

/// <summary>The orchestrations of a host, whatever engine it has, as an administrator steers them through HTTP.</summary>
internal sealed partial class HttpOrchestrator(ApiClient admin) : IOrchestrator
{
    private const string Root = "/v1/admin/orchestrations";

    private static readonly ApiAnswer None = new(HttpStatusCode.NotFound, new Dictionary<string, string>(), null, []);

    /// <summary>Skips a test where the host has no check orchestrations to start.</summary>
    public async Task SkipWithoutChecksAsync()
    {
        var answer = await PostAsync(Root, """{"name":"CheckChain","id":"@","input":1}""", default);
        Assert.SkipWhen(
            answer.Status is HttpStatusCode.UnprocessableEntity,
            "The host of BACKEND_URL has no check orchestrations: start it with Orchestrations:Checks=true");
        answer.AssertProblem(HttpStatusCode.BadRequest, "validation_failed");
    }

    public async Task<StartOutcome> StartAsync(
        string orchestration, string instanceId, string input, StartPolicy policy, CancellationToken ct)
    {
        var body = new JsonObject
        {
            ["name"] = orchestration,
            ["id"] = instanceId,
            ["input"] = JsonNode.Parse(input),
            ["policy"] = JsonNamingPolicy.CamelCase.ConvertName($"{policy}"),
        };
        var answer = await PostAsync(Root, body.ToJsonString(), ct);
        switch (answer.Status)
        {
            case HttpStatusCode.Accepted:
                Assert.Equal(instanceId, answer.Id);
                Assert.Equal($"{Root}/{Uri.EscapeDataString(instanceId)}", answer.Headers["Location"]);
                return Enum.Parse<StartOutcome>(answer.Json.GetProperty("outcome").GetString() ?? "", ignoreCase: true);
            case HttpStatusCode.Conflict:
                answer.AssertProblem(HttpStatusCode.Conflict, "orchestration_exists");
                return StartOutcome.Rejected;
            case HttpStatusCode.UnprocessableEntity:
                Assert.Equal(["$.name unknown_orchestration"], answer.Errors);
                throw new ArgumentException($"{orchestration} is unknown", nameof(orchestration));
            case HttpStatusCode.BadRequest:
                Assert.Equal(["$.id invalid_id"], answer.Errors);
                throw new ArgumentException($"{instanceId} is no id", nameof(instanceId));
            default:
                throw TooLarge(answer);
        }
    }

    public async Task<OrchestrationInstance?> FindAsync(string instanceId, CancellationToken ct) =>
        await ReadAsync(instanceId, ct) is { } details ? InstanceOf(details.GetProperty("instance")) : null;

    public async Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken ct)
    {
        var parameters = new (string Name, string? Value)[]
        {
            ("state", query.State is { } state ? JsonNamingPolicy.CamelCase.ConvertName($"{state}") : null),
            ("name", query.Name),
            ("createdFrom", query.CreatedFrom?.ToString("O", CultureInfo.InvariantCulture)),
            ("createdBefore", query.CreatedBefore?.ToString("O", CultureInfo.InvariantCulture)),
            ("limit", $"{query.Limit}"),
            ("cursor", query.After),
        };
        var text = string.Join('&', parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value ?? "")}"));
        var answer = await GetAsync($"{Root}?{text}", ct);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return new OrchestrationPage(
            [.. answer.Json.GetProperty("items").EnumerateArray().Select(InstanceOf)], answer.Json.GetProperty("next").GetString());
    }

    public async Task<IReadOnlyList<OrchestrationHistoryEvent>?> GetHistoryAsync(string instanceId, CancellationToken ct) =>
        await ReadAsync(instanceId, ct) is { } details
            ? [.. details.GetProperty("history").EnumerateArray().Select(EventOf)]
            : null;

    public Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken ct) =>
        ActAsync($"{Place(instanceId)}:terminate", new JsonObject { ["reason"] = reason }, ct);

    public Task<bool> RaiseEventAsync(string instanceId, string eventName, string payload, CancellationToken ct) => ActAsync(
        $"{Place(instanceId)}:raiseEvent", new JsonObject { ["name"] = eventName, ["payload"] = JsonNode.Parse(payload) }, ct);

    public async Task<RerunOutcome> RerunAsync(string instanceId, CancellationToken ct)
    {
        var answer = await PostAsync($"{Place(instanceId)}:rerun", "", ct);
        return answer.Status switch
        {
            HttpStatusCode.OK => RerunOutcome.Started,
            HttpStatusCode.NotFound => RerunOutcome.NotFound,
            HttpStatusCode.Conflict when answer.Code is "orchestration_running" => RerunOutcome.Running,
            _ => throw Unexpected(answer),
        };
    }

    public async Task CheckAsync(CancellationToken ct) =>
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health/ready", ct)).Status);

    private static string Place(string instanceId) => $"{Root}/{Uri.EscapeDataString(instanceId)}";

    private async Task<JsonElement?> ReadAsync(string instanceId, CancellationToken ct)
    {
        var answer = await GetAsync(Place(instanceId), ct);
        return answer.Status switch
        {
            HttpStatusCode.OK => answer.Json,
            HttpStatusCode.NotFound => null,
            _ => throw Unexpected(answer),
        };
    }

    private async Task<bool> ActAsync(string path, JsonObject body, CancellationToken ct)
    {
        var answer = await PostAsync(path, body.ToJsonString(), ct);
        return answer.Status switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.NotFound => false,
            HttpStatusCode.Conflict when answer.Code is "orchestration_ended" => false,
            _ => throw Unexpected(answer),
        };
    }

    private Task<ApiAnswer> GetAsync(string path, CancellationToken ct) => PolitelyAsync(() => admin.GetAsync(path), ct);

    private Task<ApiAnswer> PostAsync(string path, string json, CancellationToken ct) =>
        PolitelyAsync(() => admin.PostAsync(path, json), ct);

    /// <summary>Comes back later when the host asks for it: a suite asks more often than people do.</summary>
    private static async Task<ApiAnswer> PolitelyAsync(Func<Task<ApiAnswer>> ask, CancellationToken ct)
    {
        for (var answer = None; ;)
        {
            answer = await ask();
            if (answer.Status is not HttpStatusCode.TooManyRequests)
            {
                return answer;
            }

            var seconds = int.TryParse(answer.Headers.GetValueOrDefault("Retry-After"), CultureInfo.InvariantCulture, out var told) ? told : 1;
            await Task.Delay(TimeSpan.FromSeconds(seconds), ct);
        }
    }

    private static OrchestrationInstance InstanceOf(JsonElement json) => new(
        TextOf(json, "id") ?? "",
        TextOf(json, "name") ?? "",
        Enum.Parse<OrchestrationState>(TextOf(json, "state") ?? "", ignoreCase: true),
        json.GetProperty("createdAt").GetDateTimeOffset(),
        json.GetProperty("updatedAt").GetDateTimeOffset(),
        RawOf(json, "output"),
        TextOf(json, "error"),
        RawOf(json, "customStatus"),
        TextOf(json, "parent"));

    private static OrchestrationHistoryEvent EventOf(JsonElement json) => new(
        TextOf(json, "kind") ?? "",
        json.TryGetProperty("at", out var at) ? at.GetDateTimeOffset() : null,
        json.TryGetProperty("task", out var task) ? task.GetInt32() : null,
        TextOf(json, "name"),
        RawOf(json, "payload"),
        TextOf(json, "error"));

    private static string? TextOf(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string? RawOf(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetRawText() : null;

    /// <summary>The refusal as the engine worded it.</summary>
    private static Exception TooLarge(ApiAnswer answer)
    {
        if (answer.Status is not HttpStatusCode.RequestEntityTooLarge || Detail().Match(answer.Json.GetProperty("detail").GetString() ?? "") is not { Success: true } said)
        {
            return Unexpected(answer);
        }

        return new PayloadTooLargeException(said.Groups[1].Value, Number(said.Groups[2]), Number(said.Groups[3]));

        static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);
    }

    private static InvalidOperationException Unexpected(ApiAnswer answer) =>
        new($"The host answered {answer.Status}: {System.Text.Encoding.UTF8.GetString(answer.Bytes)}");

    [GeneratedRegex("^The (.+) has ([0-9]+) bytes of JSON, the limit is ([0-9]+)")]
    private static partial Regex Detail();
}
