using Microsoft.Extensions.Primitives;

namespace Backend.Records;

/// <summary>
/// The value of If-Match or If-None-Match (RFC 9110, section 13.1): entity tags or <c>*</c>. A tag without quotes is
/// taken for what it plainly means, the <c>etag</c> of a record's JSON.
/// </summary>
internal sealed class ETagCondition
{
    private readonly string[] _tags;

    private ETagCondition(string[] tags, bool isAny)
    {
        _tags = tags;
        IsAny = isAny;
    }

    /// <summary>Whether the header was sent.</summary>
    public bool IsStated => IsAny || _tags.Length > 0;

    public bool IsAny { get; }

    public static ETagCondition Parse(StringValues header)
    {
        var tags = header.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new ETagCondition(tags, tags is ["*"]);
    }

    /// <summary>As If-Match: true when nothing was stated. Weak tags never match, since they promise no equal bytes.</summary>
    public bool Matches(ETag current) => !IsStated || IsAny || Array.Exists(_tags, tag => tag.Trim('"') == current.Value);

    /// <summary>As If-None-Match: true when the caller already has this version. Weak comparison, as the RFC asks.</summary>
    public bool Names(ETag current) =>
        IsAny || Array.Exists(_tags, tag => (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"') == current.Value);
}
