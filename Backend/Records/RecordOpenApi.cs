using Backend.Model;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Backend.Records;

/// <summary>Adds the model's collections to the OpenAPI description: their paths under /v1/data and their schemas.</summary>
internal sealed class RecordOpenApi(AppModel model) : IOpenApiDocumentTransformer
{
    private const string Json = "application/json";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        foreach (var collection in model.Collections.Values.OrderBy(collection => collection.Name, StringComparer.Ordinal))
        {
            var name = TitleOf(collection.Name);
            document.Components.Schemas[SchemaOf(collection.Name)] = FieldSchemas.OfRecord(collection);
            document.Components.Schemas[$"{name}Page"] = ListOpenApi.Page(document, SchemaOf(collection.Name));
            document.Components.Schemas[$"{name}Create"] = FieldSchemas.OfInput(collection, isPatch: false, withAddress: true);
            document.Components.Schemas[$"{name}Replace"] = FieldSchemas.OfInput(collection, isPatch: false, withAddress: false);
            document.Components.Schemas[$"{name}Patch"] = FieldSchemas.OfInput(collection, isPatch: true, withAddress: false);
            document.Paths[$"/v1/data/{collection.Name}"] = Collection(document, collection, name);
            document.Paths[$"/v1/data/{collection.Name}/{{id}}"] = Item(document, collection, name);
            document.Paths[$"/v1/data/{collection.Name}/{{id}}:restore"] = Restoration(document, collection, name);
        }

        return Task.CompletedTask;
    }

    /// <summary>A collection's name as types of generated clients have it.</summary>
    public static string TitleOf(string collection) => char.ToUpperInvariant(collection[0]) + collection[1..];

    /// <summary>The schema of a collection's records.</summary>
    public static string SchemaOf(string collection) => $"{TitleOf(collection)}Record";

    private static OpenApiPathItem Collection(OpenApiDocument document, CollectionModel collection, string name)
    {
        var item = new OpenApiPathItem { Parameters = [Query("scope", "The collection's default scope when absent.")] };
        var list = Operation(
            document, collection, $"list{name}", "List the records that the caller may read.", null,
            ("200", "A page", $"{name}Page"), ("304", "Not modified", null));
        list.Parameters = ListOpenApi.Parameters(collection);
        item.AddOperation(HttpMethod.Get, list);
        var create = Operation(
            document, collection, $"create{name}", "Create a record.", Body(document, $"{name}Create"),
            ("201", "Created", $"{name}Record"));
        create.Parameters = [IdempotencyKeyHeader()];
        item.AddOperation(HttpMethod.Post, create);
        return item;
    }

    private static OpenApiPathItem Item(OpenApiDocument document, CollectionModel collection, string name)
    {
        var item = new OpenApiPathItem { Parameters = [Path("id"), Query("scope", "The collection's default scope when absent."), Header("If-Match"), Header("If-None-Match")] };
        var found = ("200", "The record", $"{name}Record");
        item.AddOperation(HttpMethod.Get, Operation(
            document, collection, $"get{name}", "Read a record.", null, found, ("304", "Not modified", null)));
        item.Operations?[HttpMethod.Get].Parameters = ListOpenApi.ShapeParameters(collection);
        item.AddOperation(HttpMethod.Put, Operation(
            document, collection, $"replace{name}", "Replace a record; with If-None-Match: * create it under this id.",
            Body(document, $"{name}Replace"), found, ("201", "Created", $"{name}Record")));
        item.AddOperation(HttpMethod.Patch, Operation(
            document, collection, $"patch{name}", "Change some fields by JSON merge patch.", Body(document, $"{name}Patch"), found));
        item.AddOperation(HttpMethod.Delete, Operation(
            document, collection, $"delete{name}", "Delete a record.", null, ("204", "Deleted", null)));
        return item;
    }

    private static OpenApiPathItem Restoration(OpenApiDocument document, CollectionModel collection, string name)
    {
        var item = new OpenApiPathItem
        {
            Parameters = [Path("id"), Query("scope", "The collection's default scope when absent."), Header("If-Match")],
        };
        item.AddOperation(HttpMethod.Post, Operation(
            document, collection, $"restore{name}", "Bring a deleted record back.", null, ("200", "The record", $"{name}Record")));
        return item;
    }

    /// <summary>What every request takes that can be sent again without a second effect.</summary>
    internal static OpenApiParameter IdempotencyKeyHeader()
    {
        var header = Header(IdempotencyKey.Header);
        header.Description = "A request that comes again with the same key gets the first answer and has no second effect.";
        return header;
    }

    private static OpenApiOperation Operation(
        OpenApiDocument document,
        CollectionModel collection,
        string id,
        string summary,
        OpenApiRequestBody? body,
        params ReadOnlySpan<(string Status, string Description, string? Schema)> answers)
    {
        var responses = new OpenApiResponses { ["default"] = Http.OpenApi.ProblemAnswer(document) };
        foreach (var (status, description, schema) in answers)
        {
            responses[status] = Answer(document, description, schema, Json);
        }

        return new OpenApiOperation
        {
            OperationId = id,
            Summary = summary,
            Tags = new HashSet<OpenApiTagReference> { new(collection.Name, document) },
            RequestBody = body,
            Responses = responses,
        };
    }

    private static OpenApiResponse Answer(OpenApiDocument document, string description, string? schema, string contentType) => new()
    {
        Description = description,
        Content = schema is null ? null : Content(document, schema, contentType),
    };

    private static OpenApiRequestBody Body(OpenApiDocument document, string schema) =>
        new() { Required = true, Content = Content(document, schema, Json) };

    private static Dictionary<string, OpenApiMediaType> Content(OpenApiDocument document, string schema, string contentType) =>
        new(StringComparer.Ordinal)
        {
            [contentType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(schema, document) },
        };

    private static OpenApiParameter Query(string name, string description, JsonSchemaType type = JsonSchemaType.String) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema { Type = type },
    };

    private static OpenApiParameter Path(string name) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = RecordId.MaxLength },
    };

    private static OpenApiParameter Header(string name) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
