using Microsoft.AspNetCore.Http;

namespace Backend.Http;

/// <summary>Refuses what a request's query string has and nobody would read: it is a mistake that would stay unseen.</summary>
internal static class QueryParameters
{
    public static List<FieldError> FindFaults(HttpRequest request, string[] known) =>
    [
        .. request.Query.Keys.Except(known, StringComparer.Ordinal)
            .Select(name => new FieldError(name, "unknown_parameter", $"Known are {string.Join(", ", known)}.")),
        .. request.Query.Where(static parameter => parameter.Value.Count > 1)
            .Select(static parameter => new FieldError(parameter.Key, "duplicate", "The parameter is there twice.")),
    ];
}
