using System.Globalization;
using Backend.Http;
using Backend.Model;
using Backend.Rules;

namespace Backend.Records;

/// <summary>What a list is asked for, as sent.</summary>
internal sealed record ListRequest
{
    public string? Filter { get; init; }

    public string? Sort { get; init; }

    public string? Limit { get; init; }

    public string? Cursor { get; init; }

    public string? Scope { get; init; }

    public string? Fields { get; init; }

    public string? Expand { get; init; }

    public string? Count { get; init; }

    public string? Deleted { get; init; }

    /// <summary>The client has a slow or dear connection: half as many records.</summary>
    public bool SavesData { get; init; }
}

/// <summary>A list's request, read and checked.</summary>
internal sealed class ListQuery(RecordOptions options, ListCursor cursors)
{
    /// <param name="entered">Who asks, where.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="request">The request.</param>
    /// <param name="errors">Takes everything that is wrong.</param>
    public RecordQuery Read(ScopeAccess entered, CollectionModel collection, ListRequest request, List<FieldError> errors)
    {
        var deleted = ReadFlag("deleted", request.Deleted, errors);
        var (sort, descending) = ListSort.Read(collection, request.Sort, deleted, errors);
        var query = new RecordQuery
        {
            Scope = entered.Scope,
            Collection = collection.Name,
            Read = collection.Rules.Read,
            Filter = ReadFilter(collection, request.Filter, errors),
            Context = entered.Context,
            Deleted = deleted,
            Sort = sort,
            Descending = descending,
            Limit = ReadLimit(request, errors),
        };
        if (errors.Count > 0 || request.Cursor is not { } cursor)
        {
            return query;
        }

        if (cursors.TryDecode(query, cursor, out var after))
        {
            return query with { After = after };
        }

        errors.Add(new FieldError("cursor", "invalid_cursor", "This server did not issue this cursor for this query."));
        return query;
    }

    public static bool ReadFlag(string name, string? text, List<FieldError> errors)
    {
        if (text is not (null or "true" or "false"))
        {
            errors.Add(new FieldError(name, "wrong_type", "Expected true or false."));
        }

        return text == "true";
    }

    private static Filter? ReadFilter(CollectionModel collection, string? text, List<FieldError> errors)
    {
        if (text is null)
        {
            return null;
        }

        if (!Filter.TryParse(text, collection.Schema, out var filter, out var wrong))
        {
            errors.AddRange(wrong.Select(error => new FieldError("filter", "invalid_filter", error.ToString())));
        }

        return filter;
    }

    private int ReadLimit(ListRequest request, List<FieldError> errors)
    {
        var (limit, max) = (options.DefaultPageSize, options.MaxPageSize);
        if (request.Limit is { } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= max))
        {
            errors.Add(new FieldError("limit", "out_of_range", $"Expected 1 to {max}."));
        }

        return request.SavesData ? Math.Max(1, limit / 2) : limit;
    }
}
