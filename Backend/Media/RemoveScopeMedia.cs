using Backend.Model;
using Backend.Records;
using Backend.Rules;

namespace Backend.Media;

/// <summary>Removes the blobs of all media of a scope that is emptied for good, and counts them off their owners.</summary>
internal sealed class RemoveScopeMedia(IRecordStore store, MediaFiles files, MediaUsage usage, TimeProvider time)
{
    private const int PageSize = 100;

    /// <summary>Before the records go, which alone know whose they are. Repeating it changes nothing.</summary>
    public async Task ExecuteAsync(Scope scope, CancellationToken ct)
    {
        RecordPage? page = null;
        do
        {
            page = await store.QueryAsync(
                new RecordQuery
                {
                    Scope = scope,
                    Collection = AppModel.MediaCollection,
                    Read = Rule.Always,
                    Context = new RuleContext { UserId = "", Now = time.GetUtcNow() },
                    After = page?.Last,
                    Limit = PageSize,
                },
                ct);
            foreach (var record in page.Records)
            {
                await files.DeleteAllAsync(scope, record.Key.Id, ct);
                await usage.ReleaseAsync(record.Owner, record.Key.Id, MediaDetails.Read(record).CountedSize, ct);
            }
        }
        while (page.HasMore);
    }
}
