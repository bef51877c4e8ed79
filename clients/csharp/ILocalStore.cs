namespace SyncClient;

/// <summary>A device's disk, as far as the client needs one: texts under keys, of which some change at a time.</summary>
public interface ILocalStore
{
    /// <summary>Everything that was committed; nothing on a new device.</summary>
    IReadOnlyDictionary<string, string> Load();

    /// <summary>Changes what is under some keys: null for nothing any more. After a crash all of it is there or none.</summary>
    void Commit(IReadOnlyDictionary<string, string?> changes);
}
