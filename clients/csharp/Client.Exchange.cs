using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncClient;

/// <remarks>Asking the server, and what to do when it does not answer as it should.</remarks>
public sealed partial class Client
{
    /// <summary>Scopes that are to be pulled before everything is there.</summary>
    private readonly List<string> _due = [];

    private Backoff? _backoff;
    private TimeSpan? _retryAfter;
    private bool _isExchanging;
    private bool _isOutdated;

    /// <summary>How long to wait before the next exchange: nothing, unless the last one ended with <see cref="ExchangeOutcome.Later"/>.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>What the server said when an exchange did not come about; null after one that did.</summary>
    public SyncProblem? Problem { get; private set; }

    /// <summary>Exchanges until everything is sent and nothing more is to come, or until something is in the way.</summary>
    /// <returns>How the last exchange ended; never <see cref="ExchangeOutcome.More"/>.</returns>
    public async Task<ExchangeOutcome> SyncAsync(CancellationToken ct)
    {
        _due.AddRange(_scopes.Except(_due, StringComparer.Ordinal));
        ExchangeOutcome outcome;
        do
        {
            outcome = await ExchangeOnceAsync(ct);
        }
        while (outcome is ExchangeOutcome.More);

        return outcome;
    }

    /// <summary>One round trip.</summary>
    public async Task<ExchangeOutcome> ExchangeOnceAsync(CancellationToken ct)
    {
        if (_isExchanging)
        {
            throw new InvalidOperationException("One exchange at a time.");
        }

        _isExchanging = true;
        try
        {
            (Problem, _retryAfter) = (null, null);
            _backoff ??= new Backoff(FirstDelay, MaxDelay, Jitter);
            var outcome = _isOutdated ? ExchangeOutcome.UpdateNeeded : await ExchangeAsync(ct);
            if (outcome is ExchangeOutcome.Done or ExchangeOutcome.More)
            {
                _backoff.Reset();
            }

            Delay = outcome switch
            {
                ExchangeOutcome.Later when _state.Batch is not null && Problem is null => _retryAfter ?? FirstDelay,
                ExchangeOutcome.Later => _backoff.Next(_retryAfter),
                _ => TimeSpan.Zero,
            };
            return outcome;
        }
        finally
        {
            _isExchanging = false;
        }
    }

    private async Task<ExchangeOutcome> ExchangeAsync(CancellationToken ct)
    {
        if (await BatchAsync(ct) is { } obstacle)
        {
            return obstacle;
        }

        var push = _state.Batch is null ? MarkSent(PushLimit) : [];
        if (_due.Count == 0)
        {
            _due.AddRange(_scopes);
        }

        _due.AddRange(push.Select(mutation => mutation.Record.Scope).Distinct().Where(_scopes.Contains).Except(_due).ToList());
        var pull = _due.Take(ScopeLimit).ToList();
        var reply = await _transport.SendAsync(
            new SyncMessage("POST", SyncMessage.Exchange, Encoding.UTF8.GetBytes(Request(push, pull).ToJsonString())), ct);
        if (reply is { Status: 200 } && SyncProblem.ObjectOf(reply) is { } answer && answer["results"] is JsonArray && answer["changes"] is JsonArray)
        {
            return Take(answer);
        }

        var outcome = Fail(reply);
        return (Problem?.Code, push.Count, pull) switch
        {
            ("scope_not_found", 0, [var only]) => Lose(only, isRevoked: true),
            ("validation_failed", 0, [var only]) when Problem!.Names("invalid_cursor") => Lose(only, isRevoked: false),
            ("payload_too_large", > 0, _) => PushLess(push),
            ("validation_failed", > 0, _) when Problem!.Names("too_many") => PushLess(push),
            _ => outcome,
        };
    }

    /// <summary>Before they are sent: a device that dies now must know that they may have arrived.</summary>
    /// <returns>The next mutations, as they are to be sent: the first time without a date.</returns>
    private List<Mutation> MarkSent(int limit)
    {
        var push = new List<Mutation>();
        foreach (var mutation in _state.Pending.Queue.Values)
        {
            if (push.Count >= limit && (mutation.Group is null || mutation.Group != push[^1].Group))
            {
                break; // a group is never cut
            }

            push.Add(mutation);
        }

        if (push.Exists(mutation => mutation.SentAt is null))
        {
            foreach (var mutation in push.Where(mutation => mutation.SentAt is null))
            {
                _state.Pending.MarkSent(mutation, _clock.ServerTime);
            }

            Commit();
        }

        return push;
    }

    private JsonObject Request(List<Mutation> push, List<string> pull)
    {
        var request = new JsonObject
        {
            ["client"] = _state.Client,
            ["push"] = new JsonArray([.. push.Select(mutation => mutation.ToJson())]),
            ["pull"] = new JsonArray([.. pull.Select(scope => new JsonObject
            {
                ["scope"] = scope, ["cursor"] = _state.ScopeOf(scope).Cursor, ["checksum"] = Verifies,
            })]),
        };
        if (Schema is { } schema)
        {
            request["schema"] = schema;
        }

        if (PageLimit is { } limit)
        {
            request["limit"] = limit;
        }

        return request;
    }

    private ExchangeOutcome Fail(SyncReply? reply)
    {
        Problem = SyncProblem.Of(reply);
        _retryAfter = reply?.RetryAfter;
        _isOutdated = Problem.Status == 426;
        return Problem.Status switch
        {
            401 => ExchangeOutcome.SignInNeeded,
            426 => ExchangeOutcome.UpdateNeeded,
            400 when Problem.Names("out_of_range", "$.schema") => ExchangeOutcome.Later, // the server was set back, for now
            400 or 406 or 415 => ExchangeOutcome.Failed,
            _ => ExchangeOutcome.Later,
        };
    }

    /// <summary>The copy of a scope is void: the scope is not this user's, for now, or the cursor is no cursor.</summary>
    private ExchangeOutcome Lose(string scope, bool isRevoked)
    {
        Problem = null;
        _state.ScopeOf(scope).Forget();
        _due.Remove(scope);
        if (isRevoked)
        {
            RefuseAll(scope);
        }
        else
        {
            _due.Add(scope);
        }

        Commit();
        return Remaining();
    }

    /// <summary>Half of it. What cannot be less will never be taken: one mutation, or one group.</summary>
    private ExchangeOutcome PushLess(List<Mutation> push)
    {
        if (push.Count > 1 && push[0].Group is var group && (group is null || push[^1].Group != group))
        {
            PushLimit = push.Count / 2;
            return ExchangeOutcome.More;
        }

        foreach (var mutation in push)
        {
            _state.Pending.Refuse(mutation, "rejected", "payload_too_large");
        }

        Commit();
        return Remaining();
    }

    private ExchangeOutcome Remaining() =>
        _due.Count > 0 || (_state.Pending.Queue.Count > 0 && _state.Batch is null) ? ExchangeOutcome.More
        : _state.Batch is not null ? ExchangeOutcome.Later
        : ExchangeOutcome.Done;
}

public enum ExchangeOutcome
{
    /// <summary>Everything is sent, and nothing more is to come for now.</summary>
    Done,

    /// <summary>There is more to send or to pull.</summary>
    More,

    /// <summary>Try again after <see cref="Client.Delay"/>.</summary>
    Later,

    /// <summary>The token is not, or no longer, good: sign in, then try again.</summary>
    SignInNeeded,

    /// <summary>The server no longer serves the app's <see cref="Client.Schema"/>. This client sends nothing any more.</summary>
    UpdateNeeded,

    /// <summary>The server finds the request wrong, which is a bug; <see cref="Client.Problem"/> says what. Nothing is lost.</summary>
    Failed,
}

/// <summary>Why an exchange did not come about.</summary>
/// <param name="Status">The HTTP status; 0 when no answer came.</param>
/// <param name="Code">The problem's stable code; empty when the answer had none.</param>
/// <param name="Errors">Places of the request and a code for each, or what of the model was removed or added.</param>
public sealed record SyncProblem(int Status, string Code, IReadOnlyList<(string Path, string Code)> Errors)
{
    internal bool Names(string code, string? path = null) => Errors.Any(error => error.Code == code && (path is null || error.Path == path));

    internal static SyncProblem Of(SyncReply? reply)
    {
        var body = reply is null ? null : ObjectOf(reply);
        return new SyncProblem(
            reply?.Status ?? 0,
            body?["code"] is JsonValue code ? code.ToString() : "",
            [.. (body?["errors"] as JsonArray)?.OfType<JsonObject>().Select(error => ($"{error["path"]}", $"{error["code"]}")) ?? []]);
    }

    /// <summary>Null for what is no JSON object: a proxy's page, for instance.</summary>
    internal static JsonObject? ObjectOf(SyncReply reply)
    {
        try
        {
            return JsonNode.Parse(reply.Body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
