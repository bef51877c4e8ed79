using SyncClient;

namespace Simulator;

/// <summary>A device's disk: when told so, the device dies at one of its next writes, before or after.</summary>
internal sealed class Disk(Mutant mutant) : ILocalStore
{
    private byte[]? _state;
    private int? _writesToLive;
    private bool _hasEffect;

    public void DieAt(int write, bool hasEffect) => (_writesToLive, _hasEffect) = (write, hasEffect);

    public byte[]? Load() => _state = Saboteur.Start(mutant, _state);

    public void Save(byte[] state)
    {
        var dies = _writesToLive-- is 0;
        if (!dies || _hasEffect)
        {
            _state = state;
        }
        else
        {
            _state = Saboteur.Tear(mutant, _state, state);
        }

        if (dies)
        {
            _writesToLive = null;
            throw new KilledException();
        }
    }
}

/// <summary>One person's installation, whose client can be killed and started again from its disk.</summary>
internal sealed class Device
{
    private readonly Func<Device, Client> _start;

    public Device(string name, string user, TimeSpan drift, Mutant mutant, Func<Device, Client> start)
    {
        (Name, User, Drift, Disk, _start) = (name, user, drift, new Disk(mutant), start);
        Client = start(this);
    }

    public string Name { get; }

    public string User { get; }

    public TimeSpan Drift { get; }

    public Disk Disk { get; }

    public Client Client { get; private set; }

    public void Restart() => Client = _start(this);
}
