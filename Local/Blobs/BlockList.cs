using System.Xml;

namespace Local.Blobs;

/// <summary>The body of Put Block List.</summary>
internal static class BlockList
{
    private const int MaxBlocks = 50_000;

    /// <summary>50,000 ids of 88 characters with their tags; more is no block list.</summary>
    private const long MaxCharacters = 10_000_000;

    public static bool IsBlockId(string id) =>
        id.Length is > 0 and <= 88 && Convert.TryFromBase64String(id, new byte[66], out var length) && length is >= 1 and <= 64;

    /// <summary>The ids in order; null when the body is no block list.</summary>
    public static async Task<IReadOnlyList<string>?> ReadAsync(Stream body, CancellationToken ct)
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            MaxCharactersInDocument = MaxCharacters,
            XmlResolver = null,
        };
        var ids = new List<string>();
        try
        {
            using var reader = XmlReader.Create(body, settings);
            await reader.MoveToContentAsync();
            while (!reader.EOF)
            {
                ct.ThrowIfCancellationRequested();
                if (reader.NodeType is XmlNodeType.Element && reader.Name is "Latest" or "Uncommitted")
                {
                    ids.Add(await reader.ReadElementContentAsStringAsync()); // ends on what follows the element
                }
                else
                {
                    await reader.ReadAsync();
                }
            }

            return ids.Count is > 0 and <= MaxBlocks ? ids : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
