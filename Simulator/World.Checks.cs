using System.Text.Json.Nodes;
using SyncClient;

namespace Simulator;

/// <remarks>What must be so when all is calm and everybody has exchanged.</remarks>
internal sealed partial class World
{
    /// <summary>The model of which viewers see no notes with a priority.</summary>
    private const int StricterVersion = 3;

    private async Task CheckAsync()
    {
        var server = await _space.ReadAsync(_ct);
        foreach (var user in _devices.GroupBy(device => device.User))
        {
            var readable = server.Where(record => MayRead(user.Key, record.Key, record.Value))
                .ToDictionary(record => record.Key, record => (string?)record.Value["etag"]);
            var fresh = await PullAnewAsync(user.First());
            foreach (var device in user)
            {
                CheckDevice(device, readable, fresh);
            }
        }

        _oracle.Check(server);
    }

    private void CheckDevice(Device device, Dictionary<RecordAddress, string?> readable, IReadOnlyDictionary<string, JsonObject> fresh)
    {
        var (name, client) = (device.Name, device.Client);
        Oracle.Require(client is { Queued: 0, Shown: 0 }, $"{name} still has {client.Queued} queued, {client.Shown} shown");
        Oracle.Require(client.Mismatches == 0, $"A checksum of {name} did not agree");
        var copy = client.CopyOf(Scope);
        var held = copy.Values.ToDictionary(
            record => new RecordAddress(Scope, (string)record["collection"]!, (string)record["id"]!), record => (string?)record["etag"]);
        Oracle.Require(
            held.Count == readable.Count && held.All(record => readable.GetValueOrDefault(record.Key) == record.Value),
            $"{name} has [{string.Join(", ", held)}]; there is to be read [{string.Join(", ", readable)}]");
        Oracle.Require(
            Checksum.Of(copy.Values).SequenceEqual(Checksum.Of(fresh.Values)), $"What {name} has is not, byte for byte, what the server gives");
    }

    /// <summary>What a device that never had anything gets, and the server's own checksums say that it is all.</summary>
    private async Task<IReadOnlyDictionary<string, JsonObject>> PullAnewAsync(Device like)
    {
        var client = new Client(new Disk(Mutant.None), $"{like.Name}-new", [Scope], _time, new Network(this, like))
        {
            Schema = like.Schema,
            Verifies = true,
            PageLimit = 1_000,
        };
        Oracle.Require(await client.SyncAsync(_ct) is ExchangeOutcome.Done, $"A new device of {like.User} cannot sync");
        Oracle.Require(client.Mismatches == 0, $"A checksum of a new device of {like.User} did not agree");
        return client.CopyOf(Scope);
    }

    /// <summary>The rules of Simulator/models, said once more.</summary>
    private bool MayRead(string user, RecordAddress address, JsonObject record) => _space.RoleOf(user) switch
    {
        null => false,
        "viewer" when address.Collection == "notes" => (bool?)record["hidden"] is not true && (_server.Version != StricterVersion || record["priority"] is null),
        _ => true,
    };
}
