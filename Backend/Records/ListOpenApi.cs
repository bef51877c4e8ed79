using Backend.Model;
using Microsoft.OpenApi;

namespace Backend.Records;

/// <summary>Lists in the OpenAPI description.</summary>
internal static class ListOpenApi
{
    public static List<IOpenApiParameter> Parameters(CollectionModel collection) =>
    [
        Text("filter", "An expression over the fields, such as done == false && priority >= 2."),
        Text("sort", $"The order, as it is or with all directions reversed: {string.Join("; ", SortsOf(collection))}."),
        Parameter("limit", "Records of the page; half of them with Save-Data.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" }),
        Text("cursor", "The next of the page before; collection, scope, filter, sort and deleted must stay the same."),
        Flag("count", "Also answer the number of records on all pages."),
        Flag("deleted", "List deleted records instead, by id or updatedAt."),
        .. ShapeParameters(collection),
        Header("If-None-Match", "The ETag of a page: 304 while it is the same."),
        Header("Save-Data", "on: pages of half the size."),
    ];

    /// <summary>Those of lists and of single records.</summary>
    public static List<IOpenApiParameter> ShapeParameters(CollectionModel collection)
    {
        List<IOpenApiParameter> parameters =
        [
            Text("fields", "Names to answer with beside id and etag, with dots into json fields; everything when absent."),
        ];
        var references = ReferencesOf(collection);
        if (references.Count > 0)
        {
            parameters.Add(Text("expand", $"References whose records come along in expanded: {string.Join(", ", references.Select(field => field.Name))}."));
        }

        return parameters;
    }

    public static OpenApiSchema Page(OpenApiDocument document, string record) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string>(StringComparer.Ordinal) { "items", "next" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["items"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchemaReference(record, document),
            },
            ["next"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String | JsonSchemaType.Null,
                Description = "The cursor of the next page; null at the end.",
            },
            ["count"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int64",
                Description = "The records of all pages, where count=true asked for it.",
            },
        },
    };

    /// <summary>What a record has beside its fields when it was asked for; null when the collection has no references.</summary>
    public static OpenApiSchema? Expanded(CollectionModel collection)
    {
        var references = ReferencesOf(collection);
        return references.Count == 0 ? null : new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "What references point to, where expand names them.",
            Properties = references.ToDictionary(
                field => field.Name,
                IOpenApiSchema (field) => new OpenApiSchema
                {
                    Type = JsonSchemaType.Object | JsonSchemaType.Null,
                    Description = $"A record of {field.Collection}; null where there is none that the caller may read.",
                },
                StringComparer.Ordinal),
        };
    }

    private static IEnumerable<string> SortsOf(CollectionModel collection) =>
        collection.Indexes.Select(index => index.ToString()).Prepend("id");

    private static List<FieldModel> ReferencesOf(CollectionModel collection) =>
    [
        .. collection.Fields.Values.Where(field => field.Type is FieldType.Reference).OrderBy(field => field.Name, StringComparer.Ordinal),
    ];

    private static OpenApiParameter Text(string name, string description) =>
        Parameter(name, description, new OpenApiSchema { Type = JsonSchemaType.String });

    private static OpenApiParameter Flag(string name, string description) =>
        Parameter(name, description, new OpenApiSchema { Type = JsonSchemaType.Boolean });

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter Parameter(string name, string description, OpenApiSchema schema) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = schema,
    };
}
