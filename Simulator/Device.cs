using SyncClient;

namespace Simulator;

/// <summary>A device's disk: when told so, the device dies at one of its next commits, before or after.</summary>
internal sealed class Disk(Mutant mutant) : ILocalStore
{
    private Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private int? _commitsToLive;
    private bool _hasEffect;

    public void DieAt(int commit, bool hasEffect) => (_commitsToLive, _hasEffect) = (commit, hasEffect);

    public void Calm() => _commitsToLive = null;

    public IReadOnlyDictionary<string, string> Load() => _values = Saboteur.Start(mutant, _values);

    public void Commit(IReadOnlyDictionary<string, string?> changes)
    {
        var dies = _commitsToLive-- is 0;
        foreach (var (key, value) in dies && !_hasEffect ? Saboteur.Tear(mutant, changes) : changes)
        {
            _values.Remove(key);
            if (value is not null)
            {
                _values.Add(key, value);
            }
        }

        if (dies)
        {
            _commitsToLive = null;
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

    /// <summary>The version of the model that the app on it was built with.</summary>
    public int Schema { get; set; } = 1;

    public Client Client { get; private set; }

    /// <summary>Whether an exchange is on its way.</summary>
    public bool IsExchanging { get; set; }

    public void Restart() => Client = _start(this);
}
