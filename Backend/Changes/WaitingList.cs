using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Backend.Records;

namespace Backend.Changes;

/// <summary>
/// Changed records of a scope that wait for a handler, each with a number that no other entry of the list has had. A list
/// that grew too long forgets its entries and is filled anew from the scope's own changes, from their beginning.
/// </summary>
internal sealed record WaitingList
{
    private WaitingList(StoredRecord stored, WaitingListContent content) => (Stored, Content) = (stored, content);

    public StoredRecord Stored { get; }

    public string Handler => Content.Handler;

    /// <summary>Which list of its scope and handler: one that ended is followed by another.</summary>
    public string Generation => Content.Generation;

    public IReadOnlyList<WaitingEntry> Entries => Content.Entries;

    /// <summary>Whether what waits has to be read from the scope's changes.</summary>
    public bool ReadsAll => Content.ReadsAll;

    /// <summary>How far those have been read.</summary>
    public string? Position => Content.Position;

    /// <summary>The instance that delivers this list.</summary>
    public string InstanceId
    {
        get
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Handler}\n{Stored.Key.Scope}"));
            return $"changes-{Convert.ToHexStringLower(hash.AsSpan(0, 16))}-{Generation}";
        }
    }

    private WaitingListContent Content { get; init; }

    public static WaitingList Start(StoredRecord record, string handler) =>
        new(record, new WaitingListContent(handler, Guid.NewGuid().ToString("N"), 1, []));

    public static WaitingList Read(StoredRecord stored) => new(
        stored,
        JsonSerializer.Deserialize(stored.Fields.Utf8.Span, WaitingListJsonContext.Default.WaitingListContent)
            ?? throw new InvalidDataException($"{stored.Key} is no list of changes."));

    public StoredRecord ToRecord(DateTimeOffset now) => Stored with
    {
        UpdatedAt = now,
        Fields = new RecordFields(
            JsonSerializer.SerializeToUtf8Bytes(Content, WaitingListJsonContext.Default.WaitingListContent)),
    };

    /// <summary>In a list that reads all, the scope's own changes have them; the number tells that something came.</summary>
    public WaitingList Add(IReadOnlyCollection<RecordKey> keys, int most)
    {
        var next = Content.Next + keys.Count;
        if (ReadsAll)
        {
            return this with { Content = Content with { Next = next } };
        }

        var moved = keys.Select(NameOf).ToHashSet();
        var kept = Entries.Where(entry => !moved.Contains((entry.Collection, entry.Id))).ToList();
        kept.AddRange(Number(keys));
        return kept.Count <= most
            ? this with { Content = Content with { Entries = kept, Next = next } }
            : this with { Content = Content with { Entries = [], Next = next, ReadsAll = true } };
    }

    /// <summary>What a page of the scope's changes has, in a list that reads all.</summary>
    public WaitingList Fill(IReadOnlyCollection<RecordKey> keys, string? position) => this with
    {
        Content = Content with { Entries = [.. Number(keys)], Next = Content.Next + keys.Count, Position = position },
    };

    public WaitingList Remove(IReadOnlySet<long> numbers) => this with
    {
        Content = Content with { Entries = [.. Entries.Where(entry => !numbers.Contains(entry.Number))] },
    };

    /// <summary>A record that stands twice among the new ones waits once, in its last place.</summary>
    private IEnumerable<WaitingEntry> Number(IReadOnlyCollection<RecordKey> keys) => keys
        .Index()
        .GroupBy(item => NameOf(item.Item))
        .Select(group => new WaitingEntry(Content.Next + group.Last().Index, group.Key.Collection, group.Key.Id))
        .OrderBy(entry => entry.Number);

    private static (string Collection, string Id) NameOf(RecordKey key) => (key.Collection, key.Id.Value);
}

/// <param name="Handler">The handler's name.</param>
/// <param name="Generation">See <see cref="WaitingList.Generation"/>.</param>
/// <param name="Next">The number of the next entry.</param>
/// <param name="Entries">In the order of delivery.</param>
/// <param name="ReadsAll">See <see cref="WaitingList.ReadsAll"/>.</param>
/// <param name="Position">See <see cref="WaitingList.Position"/>.</param>
internal sealed record WaitingListContent(
    string Handler,
    string Generation,
    long Next,
    IReadOnlyList<WaitingEntry> Entries,
    bool ReadsAll = false,
    string? Position = null);

internal sealed record WaitingEntry(long Number, string Collection, string Id);

[JsonSerializable(typeof(WaitingListContent))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class WaitingListJsonContext : JsonSerializerContext;
