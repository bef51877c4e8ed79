using Backend.Records;
using Local.Sqlite;

namespace Simulator;

/// <summary>Two processes of the server on one store, each of which may be killed and started again, or deployed anew.</summary>
internal sealed class Server : IAsyncDisposable
{
    private const int Count = 2;

    /// <summary>Of the log's end: some pages, with the frames around them.</summary>
    private const int LostBytes = 16 * (4096 + 24);

    private readonly VirtualTime _time;
    private readonly Mutant _mutant;
    private readonly TemporaryDatabase? _ownStore;
    private readonly Instance[] _instances = new Instance[Count];

    /// <param name="time">The servers' clock.</param>
    /// <param name="mutant">The promise that they break.</param>
    /// <param name="store">What they share; null for a SQLite database of their own.</param>
    public Server(VirtualTime time, Mutant mutant = Mutant.None, IRecordStore? store = null)
    {
        (_time, _mutant) = (time, mutant);
        if (store is null)
        {
            _ownStore = new TemporaryDatabase();
            (Store, Purges) = OpenStores(_ownStore);
        }
        else
        {
            (Store, Purges) = (store, store);
        }

        for (var i = 0; i < Count; i++)
        {
            _instances[i] = Start(1);
        }
    }

    /// <summary>Hears of every record that any of them writes, and whether there was nothing before.</summary>
    public event Action<StoredRecord, bool>? Written;

    /// <summary>What they share, without what may happen to one of them.</summary>
    public IRecordStore Store { get; private set; }

    public IReadOnlyList<Instance> Instances => _instances;

    /// <summary>The model's newest version that one of them has.</summary>
    public int Version => _instances.Max(instance => instance.Version);

    /// <summary>As which version apps know that.</summary>
    public int Schema => ModelVersions.SchemaOf(Version);

    private IRecordStore Purges { get; set; }

    /// <summary>Removes what has expired, as servers do in the background.</summary>
    public Task PurgeAsync(CancellationToken ct) => Purges.PurgeExpiredAsync(1_000, ct);

    /// <summary>Starts one of them again, from nothing but what is stored.</summary>
    public async Task RestartAsync(Instance instance, int? version = null)
    {
        _instances[Array.IndexOf(_instances, instance)] = Start(version ?? instance.Version);
        await instance.DisposeAsync();
    }

    /// <summary>
    /// All of them are killed at once, and the embedded database with them: they begin again with its files as they are. A store that is
    /// no part of their processes goes on.
    /// </summary>
    public async Task KillAllAsync()
    {
        if (_ownStore is not null)
        {
            await _ownStore.KillAsync(_mutant is Mutant.AnswersComeBeforeWrites ? LostBytes : 0);
            (Store, Purges) = OpenStores(_ownStore);
        }

        foreach (var instance in _instances.ToList())
        {
            await RestartAsync(instance);
        }
    }

    /// <summary>As it was when it was made.</summary>
    public async Task ResetAsync()
    {
        Written = null;
        foreach (var instance in _instances.Where(instance => instance.Version > 1 || instance.Store.IsDead).ToList())
        {
            await RestartAsync(instance, 1);
        }

        Calm();
    }

    public void Calm()
    {
        foreach (var instance in _instances)
        {
            instance.Store.Calm();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        if (_ownStore is not null)
        {
            await _ownStore.DisposeAsync();
        }
    }

    private (IRecordStore Store, IRecordStore Purges) OpenStores(TemporaryDatabase database)
    {
        var store = database.StoreAt(_time);
        return (store, _mutant is Mutant.TombstonesArePurgedAtOnce ? database.StoreAt(new DriftingTime(_time, TimeSpan.FromDays(365))) : store);
    }

    private Instance Start(int version) => new(
        version,
        new CrashingStore(Store, (record, isNew) => Written?.Invoke(record, isNew)) { ForgetsRefusals = _mutant is Mutant.RefusalsAreForgotten },
        _time,
        _mutant);

    /// <summary>In memory where there is such a place: nothing here asks anything of a disk.</summary>
    private sealed class TemporaryDatabase : IAsyncDisposable
    {
        private readonly string _folder = Directory.CreateDirectory(Path.Combine(
            Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"backend-simulator-{Guid.NewGuid():n}")).FullName;

        private SqliteDatabase _database;
        private string _file;

        public TemporaryDatabase()
        {
            _file = Path.Combine(_folder, "0.db");
            _database = new SqliteDatabase(_file);
        }

        /// <summary>Goes on with a copy of the file and its log as they are there, which nobody has closed.</summary>
        /// <param name="lost">How many bytes of the log never got there.</param>
        public async Task KillAsync(int lost)
        {
            var copy = Path.Combine(_folder, $"{Guid.NewGuid():n}.db");
            File.Copy(_file, copy);
            File.Copy($"{_file}-wal", $"{copy}-wal");
            using (var log = File.OpenWrite($"{copy}-wal"))
            {
                log.SetLength(Math.Max(0, log.Length - lost));
            }

            await _database.DisposeAsync();
            File.Delete(_file);
            (_file, _database) = (copy, new SqliteDatabase(copy));
        }

        public SqliteRecordStore StoreAt(TimeProvider time) => new SqliteRecordStore(_database, time);

        public async ValueTask DisposeAsync()
        {
            await _database.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
