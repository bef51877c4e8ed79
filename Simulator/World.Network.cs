using SyncClient;

namespace Simulator;

/// <remarks>Devices and servers talking to each other.</remarks>
internal sealed partial class World
{
    private static readonly TimeSpan LongestWay = TimeSpan.FromDays(20);

    private readonly List<(Device Device, int Schema, byte[] Request, DateTimeOffset SentAt)> _late = [];
    private bool _isBetween;
    private Instance? _through;

    private async Task ExchangeAsync(Device device, Instance? instance = null)
    {
        if (device.IsExchanging)
        {
            return;
        }

        (device.IsExchanging, _through) = (true, instance);
        try
        {
            var outcome = await device.Client.ExchangeOnceAsync(_ct);
            Tell($"{device.Name} exchanges: {outcome} {device.Client.Problem?.Code}");
            Oracle.Require(outcome is not (ExchangeOutcome.Failed or ExchangeOutcome.SignInNeeded), $"{device.Name} is told {device.Client.Problem}");
            if (outcome is ExchangeOutcome.UpdateNeeded && _random.Next(2) == 0)
            {
                device.Schema = _server.Schema;
                Tell($"{device.Name} gets the app of version {device.Schema}");
                device.Restart();
            }
        }
        catch (KilledException)
        {
            device.Schema = _random.Next(3) == 0 ? _server.Schema : device.Schema;
            Tell($"{device.Name} dies and starts again with the app of version {device.Schema}");
            device.Restart();
        }
        finally
        {
            (device.IsExchanging, _through) = (false, null);
        }
    }

    /// <summary>The network, from a device's side.</summary>
    private async Task<SyncReply?> SendAsync(Device device, byte[] request)
    {
        var instance = _through ?? AnyInstance();
        _through = null;
        if (_isCalm)
        {
            return await AnswerAsync(instance, device.User, device.Schema, request, isLate: true);
        }

        if (_random.Next(8) == 0)
        {
            Tell($"{device.Name}'s request is lost");
            return null;
        }

        if (_random.Next(6) == 0)
        {
            _late.Add((device, device.Schema, request, _time.GetUtcNow())); // it will arrive once more
        }

        if (!_isBetween && _random.Next(5) == 0)
        {
            instance.Store.InterleaveAt(_random.Next(8), () => HappenBetweenAsync(instance));
        }

        var reply = await AnswerAsync(instance, device.User, device.Schema, request);
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
    private async Task<SyncReply?> AnswerAsync(Instance instance, string user, int schema, byte[] request, bool isLate = false)
    {
        try
        {
            var reply = _saboteur.Reply(request, await instance.ExchangeAsync(user, _saboteur.Request(request, isLate), _ct));
            Oracle.Require(
                reply.Status != 200 || schema >= ModelVersions.SchemaOf(ModelVersions.FirstThatRefuses) || instance.Version < ModelVersions.FirstThatRefuses,
                $"An app of version {schema} is served by a server of version {instance.Version}");
            return reply;
        }
        catch (KilledException)
        {
            Tell("A server dies and starts again");
            await _server.RestartAsync(instance);
            return null;
        }
        finally
        {
            instance.Store.NothingBetween();
        }
    }

    /// <summary>What happens, on the other server, while this one is in the middle of a request.</summary>
    private async Task HappenBetweenAsync(Instance busy)
    {
        _isBetween = true;
        var other = _server.Instances.First(instance => instance != busy);
        if (_random.Next(2) == 0)
        {
            await ExchangeAsync(_devices[_random.Next(_devices.Count)], other);
        }
        else
        {
            await HappenAsync(other);
        }

        _isBetween = false;
    }

    /// <summary>A message cannot be under way for longer than the server remembers.</summary>
    private async Task DeliverLateAsync(Instance instance)
    {
        _late.RemoveAll(message => _time.GetUtcNow() - message.SentAt > LongestWay);
        if (_late.Count > 0)
        {
            var (device, schema, request, _) = _late[_random.Next(_late.Count)];
            Tell($"A request of {device.Name} arrives again");
            await AnswerAsync(instance, device.User, schema, request);
        }
    }

    /// <summary>A device's way to the servers.</summary>
    private sealed class Network(World world, Device device) : ITransport
    {
        public Task<SyncReply?> SendAsync(SyncMessage message, CancellationToken ct) => world.SendAsync(device, message.Body ?? []);
    }
}
