using Backend.Model;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>How long the tombstone of a deleted record is kept: to restore it, and to tell clients that were offline.</summary>
internal sealed class Retention(IOptions<RecordOptions> options)
{
    /// <summary>The longest retention, ten years.</summary>
    public const int MaxDays = 3650;

    /// <summary>
    /// A cursor ends before any tombstone that it has not seen, also where the clocks of two servers differ, or the
    /// store counts in whole seconds.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>Days for which a cursor that is issued now is good.</summary>
    public int Days => options.Value.RetentionDays;

    /// <summary>For how long what clients sent is known: a little longer than they may refer to it.</summary>
    public TimeSpan MemoryOfClients => TimeSpan.FromDays(Days) + Grace;

    public DateTimeOffset ExpiryOf(CollectionModel collection, DateTimeOffset deletedAt) =>
        deletedAt + TimeSpan.FromDays(collection.RetentionDays ?? Days) + Grace;

    /// <summary>The tombstone of a record of the product's own, which no collection of the model describes.</summary>
    public StoredRecord TombstoneOf(StoredRecord record, DateTimeOffset now) =>
        record with { Deleted = true, UpdatedAt = now, ExpiresAt = now + TimeSpan.FromDays(Days) + Grace };
}

/// <summary>
/// A collection may keep its tombstones longer than <see cref="RecordOptions.RetentionDays"/>, never shorter: that is
/// the time for which clients may be offline.
/// </summary>
internal sealed class RetentionValidator(AppModel model) : IValidateOptions<RecordOptions>
{
    public ValidateOptionsResult Validate(string? name, RecordOptions options)
    {
        var tooShort = model.Collections.Values
            .Where(collection => collection.RetentionDays < options.RetentionDays)
            .OrderBy(collection => collection.Name, StringComparer.Ordinal)
            .Select(collection =>
                $"{collection.Name}.json $.retention: {collection.RetentionDays} days are fewer than Records:RetentionDays ({options.RetentionDays})")
            .ToList();
        return tooShort.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(tooShort);
    }
}
