using System.Text.Json;
using Backend.Merging;
using Backend.Records;
using Backend.Security;

namespace Backend.Sync.Push;

/// <summary>
/// What a client was told of mutations that have no effect. A mutation that has one is found in its record; of a refused
/// one there is no trace there, and the same message may arrive once more, late, when the reason is gone. So a refusal is
/// written down before anybody hears of it. A client whose mutations are all taken costs no write.
/// </summary>
internal sealed class RefusalLedger
{
    public const string Collection = "$sync";

    private readonly IRecordStore _store;
    private readonly RecordKey _key;
    private readonly string _owner;
    private readonly long _acknowledged;
    private readonly Dictionary<long, MutationResult> _new = [];
    private Entries _entries = Entries.None;
    private StoredRecord? _stored;
    private Hold? _newHold;

    private RefusalLedger(IRecordStore store, RecordKey key, string owner, long acknowledged)
    {
        _store = store;
        _key = key;
        _owner = owner;
        _acknowledged = acknowledged;
    }

    /// <param name="store">Where it is kept.</param>
    /// <param name="caller">Whose client it is.</param>
    /// <param name="client">The client, as it calls itself.</param>
    /// <param name="acknowledged">The client knows what became of mutations up to here.</param>
    /// <param name="ct">Cancels the read.</param>
    public static async Task<RefusalLedger> OpenAsync(
        IRecordStore store, Caller caller, string client, long acknowledged, CancellationToken ct)
    {
        var id = RecordId.TryParse(Writer.Of(caller.Id, client), out var parsed) ? parsed : throw new InvalidOperationException();
        var ledger = new RefusalLedger(
            store, new RecordKey(Scope.ForUser(caller.Id), Collection, id), caller.Id, acknowledged);
        ledger.Take(await store.FindAsync(ledger._key, ct));
        return ledger;
    }

    /// <summary>What was refused before: as it was told then, or that it was over long ago.</summary>
    public MutationResult? Find(long seq) =>
        _new.GetValueOrDefault(seq)
        ?? (_entries.Refused.TryGetValue(seq, out var refusal) ? refusal.ToResult(seq)
            : seq <= _entries.Acknowledged
                ? Refusal.Over.ToResult(seq)
                : null);

    public void Note(MutationResult refused) => _new[refused.Seq] = refused;

    /// <summary>
    /// Whether a batch of this client is being applied: a later mutation that came in between would make the earlier ones
    /// of the same records look as if they had come.
    /// </summary>
    /// <param name="batch">Who asks, if it is a batch.</param>
    /// <param name="now">The server's time.</param>
    public bool IsHeldFrom(string? batch, DateTimeOffset now) =>
        _entries.Hold is { } hold && hold.Batch != batch && hold.Until > now;

    /// <summary>Has all others wait for a batch, from when this is saved.</summary>
    public void HoldFor(string batch, DateTimeOffset until) => _newHold = new Hold(batch, until);

    /// <summary>Others need not wait for a batch any more.</summary>
    public void Release(string batch) =>
        _newHold = _entries.Hold?.Batch == batch ? new Hold("", DateTimeOffset.UnixEpoch) : null;

    /// <summary>Reads what other servers have written down since.</summary>
    public async Task RefreshAsync(CancellationToken ct) => Take(await _store.FindAsync(_key, ct));

    /// <summary>Writes down what is new; does nothing when nothing is.</summary>
    /// <param name="expiresAt">From when on nothing can arrive late any more.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="ct">Cancels the write.</param>
    /// <returns>What another server has refused before, perhaps for another reason: that stands.</returns>
    public async Task<IReadOnlyList<MutationResult>> SaveAsync(DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken ct)
    {
        var standing = new List<MutationResult>();
        while (_new.Count > 0 || _newHold is not null)
        {
            var merged = _entries.With(_acknowledged, _new.Values);
            merged = _newHold is null ? merged : merged with { Hold = _newHold.Batch.Length == 0 ? null : _newHold };
            var record = new StoredRecord
            {
                Key = _key,
                Owner = _owner,
                CreatedAt = _stored?.CreatedAt ?? now,
                UpdatedAt = now,
                ExpiresAt = expiresAt,
                Fields = merged.ToFields(),
            };
            var outcome = _stored is null
                ? await _store.CreateAsync(record, ct)
                : await _store.ReplaceAsync(record, _stored.ETag, ct);
            if (outcome is WriteOutcome.Written written)
            {
                Take(written.Record);
                _new.Clear();
                _newHold = null;
            }
            else
            {
                Take(((WriteOutcome.Conflict)outcome).Current); // another server was asked the same at the same time
                foreach (var seq in _new.Keys.Where(_entries.Refused.ContainsKey).ToList())
                {
                    standing.Add(_entries.Refused[seq].ToResult(seq));
                    _new.Remove(seq);
                }
            }
        }

        return standing;
    }

    private void Take(StoredRecord? stored)
    {
        _stored = stored;
        _entries = stored is null ? Entries.None : Entries.Read(stored.Fields.Element);
    }

    /// <param name="Status">How it was refused.</param>
    /// <param name="Problem">The status code and code of the problem.</param>
    /// <param name="Code">The stable code.</param>
    private sealed record Refusal(MutationStatus Status, int Problem, string Code)
    {
        /// <summary>Its result was given and received; nobody waits for this one.</summary>
        public static readonly Refusal Over = new(MutationStatus.Rejected, 409, "acknowledged_before");

        public MutationResult ToResult(long seq) => new(seq, Status)
        {
            Problem = Status is MutationStatus.Rejected
                ? new MutationProblem(Problem, Code, "The mutation was refused when it came before.")
                : null,
        };
    }

    /// <param name="Batch">The batch that is being applied.</param>
    /// <param name="Until">When it is given up, unless it says again that it is there.</param>
    private sealed record Hold(string Batch, DateTimeOffset Until);

    private sealed record Entries(long Acknowledged, IReadOnlyDictionary<long, Refusal> Refused, Hold? Hold)
    {
        public static readonly Entries None = new(0, new Dictionary<long, Refusal>(), null);

        public static Entries Read(JsonElement fields) => new(
            fields.GetProperty("acknowledged").GetInt64(),
            fields.GetProperty("refused").EnumerateArray().ToDictionary(
                entry => entry[0].GetInt64(),
                entry => new Refusal((MutationStatus)entry[1].GetInt32(), entry[2].GetInt32(), entry[3].GetString() ?? "")),
            fields.TryGetProperty("hold", out var hold)
                ? new Hold(hold[0].GetString() ?? "", DateTimeOffset.FromUnixTimeMilliseconds(hold[1].GetInt64()))
                : null);

        /// <summary>What the client knows of is no longer kept one by one.</summary>
        public Entries With(long acknowledged, IEnumerable<MutationResult> results)
        {
            var last = Math.Max(Acknowledged, acknowledged);
            var refused = Refused.Where(entry => entry.Key > last).ToDictionary();
            foreach (var result in results)
            {
                refused[result.Seq] = new Refusal(result.Status, result.Problem?.Status ?? 0, result.Problem?.Code ?? "");
            }

            return new Entries(last, refused, Hold);
        }

        public RecordFields ToFields() => RecordFields.Write(json =>
        {
            json.WriteNumber("acknowledged"u8, Acknowledged);
            if (Hold is not null)
            {
                json.WriteStartArray("hold"u8);
                json.WriteStringValue(Hold.Batch);
                json.WriteNumberValue(Hold.Until.ToUnixTimeMilliseconds());
                json.WriteEndArray();
            }

            json.WriteStartArray("refused"u8);
            foreach (var (seq, refusal) in Refused)
            {
                json.WriteStartArray();
                json.WriteNumberValue(seq);
                json.WriteNumberValue((int)refusal.Status);
                json.WriteNumberValue(refusal.Problem);
                json.WriteStringValue(refusal.Code);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        });
    }
}
