using System.Globalization;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <remarks>Taking in what the server answers.</remarks>
public sealed partial class Client
{
    private readonly HashSet<string> _readAnew = new(StringComparer.Ordinal);

    /// <summary>Scopes whose copy was found to differ from the server's, ever.</summary>
    public int Mismatches { get; private set; }

    /// <summary>Takes an answer in, in one write.</summary>
    private ExchangeOutcome Take(JsonObject answer)
    {
        _clock.Observe(DateTimeOffset.Parse((string)answer["serverTime"]!, CultureInfo.InvariantCulture));
        var hasRetry = false;
        foreach (var result in answer["results"]!.AsArray())
        {
            hasRetry |= !TakeResult(result!);
        }

        var hasDoubt = false;
        foreach (var changes in answer["changes"]!.AsArray().Select(item => item!.AsObject()))
        {
            var scope = (string)changes["scope"]!;
            _due.Remove(scope);
            if (!_scopes.Contains(scope))
            {
                continue; // left while the exchange was on its way
            }

            if (TakeChanges(scope, changes) || !Agrees(scope, changes, ref hasDoubt))
            {
                _due.Add(scope);
            }
        }

        Commit();
        return hasRetry || hasDoubt ? ExchangeOutcome.Later : Remaining();
    }

    /// <summary>False when the mutation has to be sent again.</summary>
    private bool TakeResult(JsonNode result)
    {
        var status = (string)result["status"]!;
        if (result["seq"] is null || !_state.Pending.Queue.TryGetValue((long)result["seq"]!, out var mutation))
        {
            return true; // answered before
        }

        switch (status)
        {
            case "retry":
                return false;
            case "applied" or "merged":
                var version = (string)result["version"]!;
                _clock.Observe(version);
                _state.Pending.Show(mutation, version);
                break;
            default:
                _state.Pending.Refuse(mutation, status, (string?)result["problem"]?["code"]);
                break;
        }

        if (result["record"] is JsonObject record && _scopes.Contains(mutation.Record.Scope))
        {
            Keep(_state.ScopeOf(mutation.Record.Scope), record);
        }

        return true;
    }

    /// <summary>True when there is more to pull.</summary>
    private bool TakeChanges(string scope, JsonObject changes)
    {
        var copy = _state.ScopeOf(scope);
        if (changes["revoked"] is not null)
        {
            copy.Forget();
            RefuseAll(scope);
            return false;
        }

        if (changes["resync"] is not null)
        {
            copy.Forget();
            return true;
        }

        foreach (var record in changes["records"]!.AsArray())
        {
            Keep(copy, record!.AsObject());
        }

        foreach (var removed in changes["removed"]!.AsArray())
        {
            Remove(copy, scope, removed!.AsObject());
        }

        copy.MoveTo((string?)changes["cursor"]);
        var hasMore = (bool)changes["hasMore"]!;
        if (!hasMore)
        {
            // The pull came after the push and is at its end: what the server has taken is in the copy, or was removed since.
            _state.Pending.HideAll(scope);
        }

        return hasMore;
    }

    /// <summary>
    /// False when a copy does not agree with the server's: it is read anew, at once. If it has just been and still does not,
    /// then not without a wait, or client and server would keep each other busy for ever.
    /// </summary>
    private bool Agrees(string scope, JsonObject changes, ref bool hasDoubt)
    {
        if (changes["checksums"] is not JsonArray checksums)
        {
            return true;
        }

        if (Checksum.Of(_state.ScopeOf(scope).Records.Values).SequenceEqual(checksums.Select(item =>
            ((string)item!["collection"]!, (int)item["count"]!, (string)item["hash"]!))))
        {
            _readAnew.Remove(scope);
            return true;
        }

        Mismatches++;
        _state.ScopeOf(scope).Forget();
        hasDoubt |= !_readAnew.Add(scope);
        return false;
    }

    /// <summary>Takes the server's record in, unless there is a newer one.</summary>
    private void Keep(ScopeCopy copy, JsonObject record)
    {
        var version = (string)record["$version"]!;
        var address = new RecordAddress((string)record["scope"]!, (string)record["collection"]!, (string)record["id"]!);
        _clock.Observe(version);
        if ((bool?)record["deleted"] is true)
        {
            copy.Remove(address.Collection, address.Id);
        }
        else if (copy.Find(address.Collection, address.Id) is not { } known || string.CompareOrdinal((string)known["$version"]!, version) <= 0)
        {
            copy.Keep(record.DeepClone().AsObject());
        }

        _state.Pending.Hide(address, version);
    }

    private void Remove(ScopeCopy copy, string scope, JsonObject removed)
    {
        var (collection, id, version) = ((string)removed["collection"]!, (string)removed["id"]!, (string)removed["version"]!);
        _clock.Observe(version);
        copy.Remove(collection, id);
        _state.Pending.Hide(new RecordAddress(scope, collection, id), version);
    }

    /// <summary>What was meant for a scope that is no longer this user's.</summary>
    private void RefuseAll(string scope)
    {
        foreach (var mutation in _state.Pending.Queue.Values.Where(mutation => mutation.Record.Scope == scope).ToList())
        {
            _state.Pending.Refuse(mutation, "revoked", null);
        }

        _state.Pending.HideAll(scope);
    }
}
