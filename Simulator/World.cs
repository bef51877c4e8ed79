using System.Globalization;
using System.Text.Json.Nodes;
using SyncClient;
using RecordAddress = SyncClient.RecordAddress;

namespace Simulator;

/// <summary>
/// Some people with some devices, one server, and whatever can go wrong between: messages lost, repeated and late; clients
/// and the server killed between any two steps; roles given and taken; clocks that are wrong; months that pass. All of it
/// from one seed.
/// </summary>
internal sealed class World
{
    private const int MortalCount = 3;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly Server _server;
    private readonly VirtualTime _time;
    private readonly Space _space;
    private readonly Oracle _oracle = new();
    private readonly Saboteur _saboteur;
    private readonly List<Device> _devices = [];
    private readonly List<(Device Device, byte[] Request, DateTimeOffset SentAt)> _late = [];
    private readonly List<RecordAddress> _living;
    private readonly List<RecordAddress> _mortal;
    private readonly CancellationToken _ct;
    private bool _isCalm;
    private int _elements;

    public World(int seed, Server server, VirtualTime time, Mutant mutant, CancellationToken ct)
    {
        _saboteur = new Saboteur(mutant);
        (_random, _server, _time, _ct) = (new Random(seed), server, time, ct);
        time.Reset(Start);
        var name = string.Create(CultureInfo.InvariantCulture, $"s{seed}");
        string[] users = [$"ann-{name}", $"bob-{name}"];
        _space = new Space(server.Store, time, name, users);
        _living = [.. Enumerable.Range(1, 2).Select(i => Address($"living-{i}"))];
        _mortal = [.. Enumerable.Range(1, MortalCount).Select(i => Address($"mortal-{i}"))];
        for (var i = 0; i < 3; i++)
        {
            _devices.Add(new Device(
                string.Create(CultureInfo.InvariantCulture, $"{name}-d{i}"), users[i % 2], Drift(), mutant, StartClient));
        }
    }

    /// <summary>What happened, line by line.</summary>
    public List<string> Story { get; } = [];

    private string Scope => _space.Scope.Value;

    /// <exception cref="PromiseBrokenException">A promise did not hold.</exception>
    public async Task RunAsync(int steps)
    {
        await _space.CreateAsync(_ct);
        foreach (var record in _living)
        {
            _devices[0].Client.Put(record, new JsonObject { ["title"] = "living" });
        }

        _isCalm = true;
        Oracle.Require(await _devices[0].Client.SyncAsync(_ct), "The first exchange failed without a fault");
        _isCalm = false;
        for (var i = 0; i < steps; i++)
        {
            await StepAsync();
        }

        await CalmDownAsync();
        await CheckAsync();
    }

    private async Task StepAsync()
    {
        var device = _devices[_random.Next(_devices.Count)];
        switch (_random.Next(100))
        {
            case < 45:
                Guard(device, () => Edit(device));
                break;
            case < 80:
                await ExchangeAsync(device);
                break;
            case < 84:
                device.Disk.DieAt(_random.Next(3), _random.Next(2) == 0);
                break;
            case < 88:
                _server.Store.DieAt(_random.Next(8), _random.Next(2) == 0);
                break;
            case < 92:
                await DeliverLateAsync();
                break;
            case < 96:
                var (user, role) = (_devices[_random.Next(_devices.Count)].User, RandomRole());
                Tell($"{user} becomes {role ?? "nobody"}");
                await _space.SetRoleAsync(user, role, _ct);
                break;
            case < 99:
                Pass(TimeSpan.FromMinutes(_random.Next(1, 600)));
                break;
            default:
                Pass(TimeSpan.FromDays(_random.Next(1, 45)));
                await _server.PurgeAsync(_ct);
                break;
        }

        Pass(TimeSpan.FromMilliseconds(_random.Next(0, 20)));
    }

    private void Edit(Device device)
    {
        var record = _living[_random.Next(_living.Count)];
        switch (_random.Next(12))
        {
            case < 4:
                Like(device, record, "k", _random.Next(1, 5));
                break;
            case < 6:
                Like(device, record, "r", 0);
                break;
            case 6 when FindRemovable(device.Client.Read(record)) is { } element:
                Tell($"{device.Name} removes {element}");
                _oracle.Removed(device, device.Client.NextSeq, record, element);
                device.Client.Patch(record, new JsonObject { ["tags"] = new JsonObject { ["$remove"] = new JsonArray(element) } });
                break;
            case 7:
                var refused = $"k{++_elements}";
                Tell($"{device.Name} adds {refused} with what the model refuses");
                var fields = Adding(refused, 7);
                fields["priority"] = 99;
                _oracle.Liked(device, device.Client.NextSeq, record, refused, 7);
                device.Client.Patch(record, fields);
                break;
            case 8:
                device.Client.Patch(record, new JsonObject { ["title"] = $"title {++_elements}", ["done"] = _random.Next(2) == 0 });
                break;
            default:
                EditMortal(device, _mortal[_random.Next(_mortal.Count)]);
                break;
        }
    }

    private static string? FindRemovable(JsonObject? view) =>
        (view?["tags"] as JsonArray)?.Select(tag => (string)tag!).FirstOrDefault(tag => tag[0] == 'r');

    private void EditMortal(Device device, RecordAddress record)
    {
        var exists = device.Client.Read(record) is not null;
        var text = $"text {++_elements}";
        var fields = new JsonObject { ["title"] = "mortal", ["body"] = text };
        var what = exists ? _random.Next(3) switch { 0 => "deletes", 1 => "patches", _ => "puts" } : "puts";
        Tell($"{device.Name} {what} {record.Id} #{device.Client.NextSeq} {text}");
        if (what == "deletes")
        {
            device.Client.Delete(record);
            return;
        }

        _oracle.Wrote(device, device.Client.NextSeq, record, text);
        _ = what == "puts" ? device.Client.Put(record, fields) : device.Client.Patch(record, fields);
    }

    private void Like(Device device, RecordAddress record, string kind, int likes)
    {
        var element = $"{kind}{++_elements}";
        Tell($"{device.Name} adds {element} and {likes} likes to {record.Id} #{device.Client.NextSeq}");
        _oracle.Liked(device, device.Client.NextSeq, record, element, likes);
        device.Client.Patch(record, Adding(element, likes));
    }

    private static JsonObject Adding(string element, int likes) => new()
    {
        ["tags"] = new JsonObject { ["$add"] = new JsonArray(element) },
        ["likes"] = new JsonObject { ["$increment"] = likes },
    };

    private async Task ExchangeAsync(Device device)
    {
        try
        {
            Tell($"{device.Name} exchanges: {await device.Client.ExchangeOnceAsync(_ct)}");
        }
        catch (KilledException)
        {
            Tell($"{device.Name} dies and starts again");
            Restart(device);
        }
    }

    private void Guard(Device device, Action edit)
    {
        try
        {
            edit();
        }
        catch (KilledException)
        {
            Tell($"{device.Name} dies over an edit");
            Restart(device);
        }
    }

    /// <summary>What was not saved was not done, and its number is free again.</summary>
    private void Restart(Device device)
    {
        device.Restart();
        _oracle.Forget(device, device.Client.NextSeq);
    }

    /// <summary>The network, from a device's side.</summary>
    private async Task<SyncReply?> SendAsync(Device device, byte[] request)
    {
        if (_isCalm)
        {
            return await AnswerAsync(device.User, request, isLate: true);
        }

        if (_random.Next(8) == 0)
        {
            Tell($"{device.Name}'s request is lost");
            return null;
        }

        if (_random.Next(6) == 0)
        {
            _late.Add((device, request, _time.GetUtcNow())); // it will arrive once more
        }

        var reply = await AnswerAsync(device.User, request);
        if (_random.Next(4) == 0)
        {
            Edit(device); // somebody types while the answer is on its way
        }

        if (_random.Next(8) == 0)
        {
            Tell($"The answer to {device.Name} is lost");
            return null;
        }

        return reply;
    }

    /// <summary>Null when the server died over it.</summary>
    private async Task<SyncReply?> AnswerAsync(string user, byte[] request, bool isLate = false)
    {
        try
        {
            return _saboteur.Reply(request, await _server.ExchangeAsync(user, _saboteur.Request(request, isLate), _ct));
        }
        catch (KilledException)
        {
            Tell("The server dies and starts again");
            _server.Store.Live();
            return null;
        }
    }

    /// <summary>A message cannot be under way for longer than the server remembers.</summary>
    private async Task DeliverLateAsync()
    {
        _late.RemoveAll(message => _time.GetUtcNow() - message.SentAt > TimeSpan.FromDays(20));
        if (_late.Count > 0)
        {
            var (device, request, _) = _late[_random.Next(_late.Count)];
            Tell($"A request of {device.Name} arrives again");
            await AnswerAsync(device.User, request);
        }
    }

    private async Task CalmDownAsync()
    {
        Tell("All is calm");
        _isCalm = true;
        _server.Store.Live();
        foreach (var device in _devices)
        {
            device.Disk.DieAt(int.MaxValue, hasEffect: true);
            device.Restart();
        }

        for (var round = 0; round < 2; round++)
        {
            foreach (var device in _devices)
            {
                Oracle.Require(await device.Client.SyncAsync(_ct), $"{device.Name} cannot sync");
            }
        }
    }

    private async Task CheckAsync()
    {
        var server = await _space.ReadAsync(_ct);
        foreach (var device in _devices)
        {
            var name = device.Name;
            Oracle.Require(device.Client is { Queued: 0, Shown: 0 }, $"{name} still has {device.Client.Queued} queued, {device.Client.Shown} shown");
            Oracle.Require(device.Client.Mismatches == 0, $"A checksum of {name} did not agree");
            var copy = device.Client.CopyOf(Scope);
            var isMember = _space.RoleOf(device.User) is not null;
            Oracle.Require(isMember || copy.Count == 0, $"{name} holds {copy.Count} records of a space that it was put out of");
            if (isMember)
            {
                var held = copy.Values.ToDictionary(record => $"{record["collection"]}/{record["id"]}", record => (string?)record["etag"]);
                var there = server.ToDictionary(record => $"{record.Key.Collection}/{record.Key.Id}", record => (string?)record.Value["etag"]);
                Oracle.Require(
                    held.Count == there.Count && held.All(record => there.GetValueOrDefault(record.Key) == record.Value),
                    $"{name} has [{string.Join(", ", held)}], the server has [{string.Join(", ", there)}]");
            }
        }

        _oracle.Check(server);
    }

    private Client StartClient(Device device) => new(
        device.Disk, device.Name, [Scope], new DriftingTime(_time, device.Drift), (request, _) => SendAsync(device, request))
    {
        PushLimit = _random.Next(2, 20),
        PageLimit = _random.Next(1, 5),
        Verifies = _random.Next(2) == 0,
    };

    private string? RandomRole() => _random.Next(4) switch
    {
        0 => null,
        1 => "viewer",
        _ => "editor",
    };

    private TimeSpan Drift() => _random.Next(3) switch
    {
        0 => TimeSpan.Zero,
        1 => TimeSpan.FromSeconds(_random.Next(-40, 40)),
        _ => TimeSpan.FromMinutes(_random.Next(-600, 600)),
    };

    private RecordAddress Address(string id) => new(Scope, "notes", id);

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        if (time > TimeSpan.FromSeconds(1))
        {
            Tell($"{time} pass");
        }
    }

    private void Tell(string line) => Story.Add($"{_time.GetUtcNow() - Start:d\\.hh\\:mm\\:ss\\.fff} {line}");
}
