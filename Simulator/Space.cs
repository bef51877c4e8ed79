using System.Text.Json.Nodes;
using Backend.Model;
using Backend.Records;
using RecordAddress = SyncClient.RecordAddress;

namespace Simulator;

/// <summary>The space that all share, whose roles are changed behind the API: as an administrator on another server would.</summary>
internal sealed class Space(Server server, TimeProvider time, string name, IReadOnlyList<string> users)
{
    private readonly Dictionary<string, string> _roles = users.ToDictionary(user => user, _ => "editor");

    public Scope Scope { get; } = Scope.ForSpace(IdOf(name));

    private RecordKey Key => new(Scope, AppModel.SpacesCollection, IdOf(name));

    public string? RoleOf(string user) => _roles.GetValueOrDefault(user);

    public Task CreateAsync(CancellationToken ct) => server.Store.CreateAsync(Record(null), ct);

    public async Task SetRoleAsync(string user, string? role, CancellationToken ct)
    {
        _roles.Remove(user);
        if (role is not null)
        {
            _roles[user] = role;
        }

        var current = await server.Store.FindAsync(Key, ct) ?? throw new InvalidOperationException("The space is gone");
        await server.Store.ReplaceAsync(Record(current), current.ETag, ct);
    }

    /// <summary>All records of the space as they are.</summary>
    public async Task<Dictionary<RecordAddress, JsonObject>> ReadAsync(CancellationToken ct)
    {
        var records = new Dictionary<RecordAddress, JsonObject>();
        for (var page = await server.Store.ReadChangesAsync(Scope, null, 1_000, ct); ; page = await server.Store.ReadChangesAsync(Scope, page.Position, 1_000, ct))
        {
            foreach (var record in page.Records)
            {
                var address = new RecordAddress(Scope.Value, record.Key.Collection, record.Key.Id.Value);
                records.Remove(address); // it was written while this read
                if (!record.Deleted)
                {
                    var json = JsonNode.Parse(record.Fields.Utf8.Span)!.AsObject();
                    (json["id"], json["etag"]) = (address.Id, record.ETag.Value);
                    records.Add(address, json);
                }
            }

            if (!page.HasMore)
            {
                return records;
            }
        }
    }

    private StoredRecord Record(StoredRecord? current) => new()
    {
        Key = Key,
        Owner = users[0],
        CreatedAt = current?.CreatedAt ?? time.GetUtcNow(),
        UpdatedAt = time.GetUtcNow(),
        Fields = new RecordFields(System.Text.Encoding.UTF8.GetBytes(new JsonObject
        {
            ["name"] = "simulated",
            ["members"] = new JsonObject(_roles.Select(role => KeyValuePair.Create(
                role.Key, (JsonNode?)new JsonObject { ["role"] = role.Value, ["joinedAt"] = "2026-01-01T00:00:00.000Z" }))),
        }.ToJsonString())),
    };

    private static Backend.Records.RecordId IdOf(string name) =>
        Backend.Records.RecordId.TryParse(name, out var id) ? id : throw new ArgumentException($"{name} is no id", nameof(name));
}
