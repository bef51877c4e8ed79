using Backend.Records;
using Backend.Rules.Sql;
using Microsoft.Azure.Cosmos;

namespace Backend.Azure.Records;

/// <summary>A page of a collection as Cosmos SQL: one logical partition, ordered by the id, every value a parameter.</summary>
internal static class RecordQueryText
{
    private static readonly CosmosDialect Dialect = new();

    /// <summary>Null when no record can satisfy the query.</summary>
    public static QueryDefinition? Write(RecordQuery query, DateTimeOffset now)
    {
        var context = query.Context;
        var read = query.Read.ToPredicate(Dialect, in context);
        var filter = query.Filter?.ToPredicate(Dialect, in context);
        if (read.Constant is false || filter?.Constant is false)
        {
            return null;
        }

        var (comparison, order) = query.Descending ? ("<", "DESC") : (">", "ASC");
        var start = query.After is null ? "" : $"AND c.id {comparison} @after ";
        // The scope is in the text as well: it costs nothing, and not every emulator heeds the partition key alone.
        var definition = new QueryDefinition(
                "SELECT * FROM c WHERE c.scope = @scope AND c.collection = @collection AND NOT IS_DEFINED(c.deleted) "
                + "AND (NOT IS_DEFINED(c.expiresAt) OR c.expiresAt > @now) "
                + $"{start}AND ({read.Sql}) AND ({filter?.Sql ?? "true"}) ORDER BY c.id {order}")
            .WithParameter("@scope", query.Scope.Value)
            .WithParameter("@collection", query.Collection)
            .WithParameter("@now", RecordDocument.FormatDate(now));
        if (query.After is { } after)
        {
            definition.WithParameter("@after", RecordDocument.IdOf(new RecordKey(query.Scope, query.Collection, after)));
        }

        foreach (var (name, value) in read.Parameters.Concat(filter?.Parameters ?? []))
        {
            definition.WithParameter(name, value);
        }

        return definition;
    }
}
