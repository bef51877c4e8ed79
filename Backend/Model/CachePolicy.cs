using Backend.Rules;

namespace Backend.Model;

/// <summary>How long answers with a collection's records may be kept.</summary>
/// <param name="MaxAgeSeconds">As long as this nobody asks again, also not for what has changed meanwhile.</param>
/// <param name="IsPublic">Whether caches that many clients share may keep them, too.</param>
public sealed record CachePolicy(int MaxAgeSeconds, bool IsPublic)
{
    /// <summary>For a collection that says nothing: kept by the client alone, and asked for again before every use.</summary>
    public const string Default = "private, no-cache";

    /// <summary>The value of Cache-Control where the answer is the same for every caller.</summary>
    public string Shared { get; } = $"{(IsPublic ? "public" : "private")}, max-age={MaxAgeSeconds}";

    /// <summary>The value of Cache-Control where the answer depends on who asks.</summary>
    public string Own { get; } = $"private, max-age={MaxAgeSeconds}";
}

/// <summary>Reads <c>cache</c> of a collection's file.</summary>
internal static class CacheReader
{
    private const int MaxSeconds = 31_536_000; // a year, as RFC 9111 has it for "never changes"

    public static CachePolicy? Read(JsonNodeReader root, bool isPublicScope, Rule read)
    {
        if (root.Object("cache") is not { } reader)
        {
            return null;
        }

        if (reader.Any("maxAgeSeconds") is null)
        {
            reader.Error("maxAgeSeconds", "missing");
        }

        var policy = new CachePolicy(reader.OptionalCount("maxAgeSeconds", MaxSeconds) ?? 1, reader.Flag("public"));
        reader.RejectUnknown();
        if (policy.IsPublic && !isPublicScope)
        {
            reader.Error("public", "only a collection of the public scope can be kept by caches that many clients share");
        }
        else if (policy.IsPublic && read.ReadsCaller)
        {
            reader.Error("public", "the read rule asks who the caller is, so a shared cache would hand records to those who may not read them");
        }

        return policy;
    }
}
