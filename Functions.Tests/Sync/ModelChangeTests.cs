using Functions.Tests.Fixtures;

namespace Functions.Tests.Sync;

/// <summary>What a deployment with another model means for copies that devices have.</summary>
public sealed class ModelChangeTests : IDisposable
{
    private const string Fields = """ "name":{"type":"string"},"hidden":{"type":"boolean"} """;

    private readonly ModelFolder _model = new();

    [Fact]
    public async Task A_stricter_read_rule_takes_records_from_devices()
    {
        _model.With("things", Fields);
        var cursor = await FirstPullAsync("""{"name":"open"}""", """{"name":"secret","hidden":true}""");

        _model.With("things", Fields, more: ModelFolder.Open.Replace("\"read\":\"true\"", "\"read\":\"record.hidden != true\"", StringComparison.Ordinal));
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);

        Assert.True(await ResyncsAsync(alice, cursor));
        Assert.Equal("open", (await alice.PullAsync()).Records.Single().GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_field_that_is_gone_goes_from_devices_too()
    {
        _model.With("things", Fields);
        var cursor = await FirstPullAsync("""{"name":"a","hidden":true}""");

        _model.With("things", """ "name":{"type":"string"} """);
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);

        Assert.True(await ResyncsAsync(alice, cursor));
    }

    [Fact]
    public async Task What_is_only_added_costs_devices_nothing()
    {
        _model.With("things", Fields);
        var cursor = await FirstPullAsync("""{"name":"a"}""");

        _model.With("things", $$""" {{Fields}},"more":{"type":"string"} """).With("others", """ "name":{"type":"string"} """);
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        await ModelFolder.CreateAsync(alice, "others", """{"name":"new"}""");

        Assert.False(await ResyncsAsync(alice, cursor));
        Assert.Equal("new", (await alice.PullAsync(cursor)).Records.Single().GetProperty("name").GetString());
    }

    public void Dispose() => _model.Dispose();

    private async Task<string?> FirstPullAsync(params string[] things)
    {
        await using var backend = await _model.StartAsync();
        using var alice = await ModelFolder.ClientAsync(backend);
        foreach (var thing in things)
        {
            await ModelFolder.CreateAsync(alice, "things", thing);
        }

        var pulled = await alice.PullAsync();
        Assert.Equal(things.Length, pulled.Records.Count);
        return pulled.Cursor;
    }

    private static async Task<bool> ResyncsAsync(ApiClient alice, string? cursor)
    {
        var answer = await alice.PostAsync("/v1/sync", $$"""{"pull":[{"scope":"user/alice","cursor":"{{cursor}}"}]}""");
        return answer.Json.GetProperty("changes")[0].TryGetProperty("resync", out _);
    }
}
