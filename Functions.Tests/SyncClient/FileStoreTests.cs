using System.Globalization;
using Functions.Tests.Fixtures;
using SyncClient;

namespace Functions.Tests.SyncClient;

/// <summary>The reference client's file under what may happen to it.</summary>
public sealed class FileStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => _folder.File("client");

    [Fact]
    public void A_file_that_was_cut_anywhere_has_all_of_the_commits_before()
    {
        var states = new List<Dictionary<string, string>> { new() };
        var lengths = new List<long> { 0 };
        using (var store = new FileStore(File))
        {
            store.Load();
            for (var i = 0; i < 8; i++)
            {
                var next = states[^1].ToDictionary();
                var changes = new Dictionary<string, string?> { ["n"] = $"line\nfeed {i} ü", [$"k{i}"] = "v", [$"k{i - 2}"] = null };
                store.Commit(changes);
                foreach (var (key, value) in changes)
                {
                    next.Remove(key);
                    if (value is not null)
                    {
                        next.Add(key, value);
                    }
                }

                states.Add(next);
                lengths.Add(new FileInfo(File).Length);
            }
        }

        var bytes = System.IO.File.ReadAllBytes(File);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            System.IO.File.WriteAllBytes(File, bytes[..cut]);
            using (var store = new FileStore(File))
            {
                Assert.Equal(states[lengths.FindLastIndex(length => length <= cut)], store.Load());
                store.Commit(new Dictionary<string, string?> { ["after"] = "crash" });
            }

            using var again = new FileStore(File);
            Assert.Equal("crash", again.Load()["after"]);
        }
    }

    [Fact]
    public void Damage_before_the_end_is_told()
    {
        using (var store = new FileStore(File))
        {
            store.Load();
            store.Commit(new Dictionary<string, string?> { ["a"] = "1" });
            store.Commit(new Dictionary<string, string?> { ["a"] = "2" });
        }

        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[20] ^= 1;
        System.IO.File.WriteAllBytes(File, bytes);

        using var damaged = new FileStore(File);
        Assert.Contains("damaged at byte 0", Assert.Throws<InvalidDataException>(() => damaged.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_mostly_of_the_past_is_written_anew()
    {
        using (var store = new FileStore(File) { Slack = 10_000 })
        {
            store.Load();
            for (var i = 0; i < 2_000; i++)
            {
                store.Commit(new Dictionary<string, string?> { [$"k{i % 10}"] = i.ToString(CultureInfo.InvariantCulture) });
            }
        }

        Assert.InRange(new FileInfo(File).Length, 100, 20_000);
        using var again = new FileStore(File);
        Assert.Equal(Enumerable.Range(0, 10).ToDictionary(i => $"k{i}", i => $"{1_990 + i}"), again.Load());
    }

    [Fact]
    public void A_store_that_was_closed_wants_to_be_loaded_first()
    {
        var store = new FileStore(File);
        store.Load();
        store.Dispose();

        Assert.Throws<InvalidOperationException>(() => store.Commit(new Dictionary<string, string?> { ["a"] = "1" }));
    }

    public void Dispose() => _folder.Dispose();
}
