namespace SyncClient;

/// <summary>The way to the server.</summary>
public interface ITransport
{
    /// <summary>Sends one request. Null when no answer came, for whatever reason.</summary>
    Task<SyncReply?> SendAsync(SyncMessage message, CancellationToken ct);
}

/// <summary>A request.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Address">A path of the API, to which the user's token goes along; or a whole URL to which it must not.</param>
/// <param name="Body">What is sent; null for nothing.</param>
public sealed record SyncMessage(string Method, string Address, byte[]? Body)
{
    public const string Exchange = "/v1/sync";

    public bool IsUpload => !Address.StartsWith('/');

    public string ContentType { get; init; } = "application/json";

    /// <summary>Headers beside those of the content.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>What came back for a request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The answer's body.</param>
public sealed record SyncReply(int Status, byte[] Body)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
