using System.Globalization;
using Backend.Http;
using Backend.Model;
using Backend.Rules;
using Backend.Security;
using Microsoft.Extensions.Options;

namespace Backend.Records;

/// <summary>A page of a collection: the records of one scope that the caller may read and asks for.</summary>
internal sealed class ListRecords(RecordAccess access, IRecordStore store, ListCursor cursors, IOptions<RecordOptions> options)
{
    private const string Ascending = "id";
    private const string Descending = "-id";

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
        var query = new RecordQuery
        {
            Scope = entered.Scope,
            Collection = collection,
            Read = model.Rules.Read,
            Filter = ReadFilter(model, request.Filter, errors),
            Context = entered.Context,
            Descending = ReadSort(request.Sort, errors),
            Limit = ReadLimit(request.Limit, errors),
        };
        if (errors.Count == 0 && request.Cursor is { } cursor)
        {
            if (cursors.TryDecode(query, cursor, out var after))
            {
                query = query with { After = after };
            }
            else
            {
                errors.Add(new FieldError("cursor", "invalid_cursor", "This server did not issue this cursor for this query."));
            }
        }

        if (errors.Count > 0)
        {
            return new ListOutcome.Invalid(errors);
        }

        var page = await store.QueryAsync(query, ct);
        return new ListOutcome.Page(
            page.Records, page.HasMore && page.Records is [.., var last] ? cursors.Encode(query, last.Key.Id) : null)
        {
            Collection = model,
            DependsOnCaller = query.Filter?.ReadsCaller is true,
        };
    }

    private static Filter? ReadFilter(CollectionModel model, string? text, List<FieldError> errors)
    {
        if (text is null)
        {
            return null;
        }

        if (!Filter.TryParse(text, model.Schema, out var filter, out var wrong))
        {
            errors.AddRange(wrong.Select(error => new FieldError("filter", "invalid_filter", error.ToString())));
        }

        return filter;
    }

    private static bool ReadSort(string? text, List<FieldError> errors)
    {
        if (text is not (null or Ascending or Descending))
        {
            errors.Add(new FieldError("sort", "invalid_sort", $"Expected {Ascending} or {Descending}."));
        }

        return text == Descending;
    }

    private int ReadLimit(string? text, List<FieldError> errors)
    {
        if (text is null)
        {
            return options.Value.DefaultPageSize;
        }

        var max = options.Value.MaxPageSize;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max)
        {
            return limit;
        }

        errors.Add(new FieldError("limit", "out_of_range", $"Expected 1 to {max}."));
        return max;
    }
}

/// <summary>What a list is asked for, as sent.</summary>
internal sealed record ListRequest(string? Filter, string? Sort, string? Limit, string? Cursor, string? Scope);

internal abstract record ListOutcome
{
    private ListOutcome()
    {
    }

    /// <param name="Records">The page.</param>
    /// <param name="Next">The cursor of the next one; null at the end.</param>
    public sealed record Page(IReadOnlyList<StoredRecord> Records, string? Next) : ListOutcome
    {
        public required CollectionModel Collection { get; init; }

        /// <summary>Whether the query itself asks who the caller is.</summary>
        public required bool DependsOnCaller { get; init; }
    }

    public sealed record CollectionNotFound(string Collection) : ListOutcome;

    public sealed record ScopeNotFound(string? Scope) : ListOutcome;

    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : ListOutcome;
}
