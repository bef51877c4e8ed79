using System.Globalization;
using SyncClient;

namespace Simulator;

/// <summary>
/// Some people with some devices, two servers, and whatever can go wrong between: messages lost, repeated and late; clients
/// and servers killed between any two steps; requests that overlap; roles given and taken; new versions of the model and of the
/// app; clocks that are wrong; months that pass. All of it from one seed.
/// </summary>
internal sealed partial class World
{
    /// <summary>What happens before all calm down, are compared, and begin anew with other records.</summary>
    private const int EpochSteps = 1_500;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly Server _server;
    private readonly VirtualTime _time;
    private readonly Space _space;
    private readonly Oracle _oracle;
    private readonly Saboteur _saboteur;
    private readonly List<Device> _devices = [];
    private readonly CancellationToken _ct;
    private bool _isCalm;

    public World(int seed, Server server, VirtualTime time, Mutant mutant, CancellationToken ct)
    {
        _saboteur = new Saboteur(mutant);
        _oracle = new Oracle(time);
        (_random, _server, _time, _ct) = (new Random(seed), server, time, ct);
        time.Reset(Start);
        server.Written += Watch;
        var name = string.Create(CultureInfo.InvariantCulture, $"s{seed}");
        string[] users = [$"ann-{name}", $"bob-{name}"];
        _space = new Space(server, time, name, users);
        for (var i = 0; i < 3; i++)
        {
            _devices.Add(new Device(
                string.Create(CultureInfo.InvariantCulture, $"{name}-d{i}"), users[i % 2], Drift(), mutant, StartClient));
            _oracle.Know(_devices[i]);
        }
    }

    /// <summary>What happened, line by line, since the last time that all was calm.</summary>
    public List<string> Story { get; } = [];

    private string Scope => _space.Scope.Value;

    /// <exception cref="PromiseBrokenException">A promise did not hold.</exception>
    public async Task RunAsync(int steps)
    {
        await _space.CreateAsync(_ct);
        for (var done = 0; done < steps; done += EpochSteps)
        {
            await BeginAsync();
            for (var i = done; i < Math.Min(steps, done + EpochSteps); i++)
            {
                await StepAsync();
            }

            await CalmDownAsync();
            await CheckAsync();
        }
    }

    private async Task StepAsync()
    {
        var device = _devices[_random.Next(_devices.Count)];
        switch (_random.Next(100))
        {
            case < 42:
                Edit(device);
                break;
            case < 76:
                await ExchangeAsync(device);
                break;
            case < 80:
                device.Disk.DieAt(_random.Next(3), _random.Next(2) == 0);
                break;
            case < 84:
                AnyInstance().Store.DieAt(_random.Next(8), _random.Next(2) == 0);
                break;
            case 84 when _random.Next(8) == 0:
                Tell("All servers are killed at once");
                await _server.KillAllAsync();
                break;
            case < 96:
                await HappenAsync(AnyInstance());
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

    /// <summary>What others do, also while a server is busy with a request, as far as it does not pass through that server.</summary>
    private async Task HappenAsync(Instance instance)
    {
        switch (_random.Next(12))
        {
            case < 4:
                await DeliverLateAsync(instance);
                break;
            case < 8:
                await EditByApiAsync(instance);
                break;
            case < 11:
                var (user, role) = (_devices[_random.Next(_devices.Count)].User, RandomRole());
                Tell($"{user} becomes {role ?? "nobody"}");
                await _space.SetRoleAsync(user, role, _ct);
                break;
            default:
                if (instance.Version < ModelVersions.Last)
                {
                    Tell($"A server gets version {instance.Version + 1} of the model");
                    await _server.RestartAsync(instance, instance.Version + 1);
                }

                break;
        }
    }

    /// <summary>The records of an epoch; those of the last one go.</summary>
    private async Task BeginAsync()
    {
        Story.Clear();
        _oracle.Forget();
        foreach (var device in _devices)
        {
            foreach (var refusal in device.Client.Refusals.ToList())
            {
                device.Client.ForgetRefusal(refusal.Mutation.Seq);
            }
        }

        _isCalm = true;
        await _space.SetRoleAsync(_devices[0].User, "editor", _ct);
        await _devices[0].Client.SyncAsync(_ct);
        foreach (var record in _devices[0].Client.CopyOf(Scope).Values.Where(record => (string)record["collection"]! != "spaces").ToList())
        {
            _devices[0].Client.Delete(new RecordAddress(Scope, (string)record["collection"]!, (string)record["id"]!));
        }

        NameRecords();
        foreach (var record in _living)
        {
            Do(_devices[0], new Deed(_devices[0], record) { Title = NewName("title ") }, "put");
        }

        Do(_devices[0], DeedOfScore(_devices[0], 1), "put");
        Oracle.Require(await SyncAsync(_devices[0]), "The first exchange failed without a fault");
        _isCalm = false;
    }

    private async Task CalmDownAsync()
    {
        Tell("All is calm");
        _isCalm = true;
        _server.Calm();
        foreach (var instance in _server.Instances.ToList())
        {
            if (instance.Version < _server.Version || instance.Store.IsDead)
            {
                await _server.RestartAsync(instance, _server.Version);
            }
        }

        foreach (var device in _devices)
        {
            device.Disk.Calm();
            device.Schema = _server.Schema;
            device.Restart();
        }

        for (var round = 0; round < 2; round++)
        {
            foreach (var device in _devices)
            {
                Oracle.Require(await SyncAsync(device), $"{device.Name} cannot sync: {device.Client.Problem}");
            }
        }
    }

    private async Task<bool> SyncAsync(Device device) => await device.Client.SyncAsync(_ct) is ExchangeOutcome.Done;

    private Client StartClient(Device device) => new(
        device.Disk, device.Name, [Scope], new DriftingTime(_time, device.Drift), new Network(this, device))
    {
        Schema = device.Schema,
        PushLimit = _random.Next(2, 20),
        PageLimit = _random.Next(1, 5),
        Verifies = _random.Next(2) == 0,
        Jitter = _random,
        BatchFrom = 0,
    };

    private Instance AnyInstance() => _server.Instances[_random.Next(_server.Instances.Count)];

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

    private void Watch(Backend.Records.StoredRecord record, bool isNew)
    {
        if (record.Key.Scope == _space.Scope)
        {
            _oracle.Watch(record, isNew);
        }
    }

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
