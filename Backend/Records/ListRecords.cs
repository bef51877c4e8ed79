using Backend.Http;
using Backend.Model;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>A page of a collection: the records of one scope that the caller may read and asks for.</summary>
internal sealed class ListRecords(
    RecordAccess access, IRecordStore store, ExpandReferences references, ListCursor cursors, IOptions<RecordOptions> options)
{
    private readonly ListQuery _queries = new(options.Value, cursors);

    public async Task<ListOutcome> ExecuteAsync(Caller caller, string collection, ListRequest request, CancellationToken ct)
    {
        if (!access.TryGetCollection(collection, out var model))
        {
            return new ListOutcome.CollectionNotFound(collection);
        }

        if (await access.ResolveAsync(caller, model, request.Scope, ct) is not { } entered)
        {
            return new ListOutcome.ScopeNotFound(request.Scope);
        }

        var errors = new List<FieldError>();
        var query = _queries.Read(entered, model, request, errors);
        var projection = Projection.Read(model, request.Fields, errors);
        var expand = ExpandReferences.Read(model, request.Expand, errors);
        var isCounted = ListQuery.ReadFlag("count", request.Count, errors);
        if (errors.Count > 0)
        {
            return new ListOutcome.Invalid(errors);
        }

        var counting = isCounted ? store.CountAsync(query, ct) : null;
        var page = await store.QueryAsync(query, ct);
        var expanded = await references.ExecuteAsync(entered, expand, page.Records, ct);
        return new ListOutcome.Page(
            page.Records,
            page is { HasMore: true, Last: { } last } ? cursors.Encode(query, last) : null,
            counting is null ? null : await counting,
            new RecordShape(projection, expanded))
        {
            Collection = model,
            // Of what references point to, everybody sees what their own rules let them.
            DependsOnCaller = expanded is not null || query.Filter?.ReadsCaller is true,
        };
    }
}

internal abstract record ListOutcome
{
    private ListOutcome()
    {
    }

    /// <param name="Records">The page.</param>
    /// <param name="Next">The cursor of the next one; null at the end.</param>
    /// <param name="Count">The records of all pages; null when nobody asked.</param>
    /// <param name="Shape">What of each record is answered.</param>
    public sealed record Page(IReadOnlyList<StoredRecord> Records, string? Next, long? Count, RecordShape Shape) : ListOutcome
    {
        public required CollectionModel Collection { get; init; }

        /// <summary>Whether the query itself asks who the caller is.</summary>
        public required bool DependsOnCaller { get; init; }
    }

    public sealed record CollectionNotFound(string Collection) : ListOutcome;

    public sealed record ScopeNotFound(string? Scope) : ListOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : ListOutcome;
}
