using Backend.Model;
using Backend.Records;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Backend.Sync;

/// <summary>
/// Describes the records of a pull: each is one of the model's, told apart by <c>collection</c>, so that a generated
/// client knows the type behind the name. And says of the other format where its messages are defined.
/// </summary>
internal sealed class SyncOpenApi(AppModel model) : IOpenApiDocumentTransformer
{
    private const string Discriminator = "collection";
    private const string Version = "$version";

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        if (document.Components?.Schemas is not { } schemas
            || !schemas.TryGetValue(nameof(SyncAnswer.ChangesOfScope), out var scope)
            || scope.Properties is not { } properties)
        {
            return;
        }

        await DescribePushAsync(schemas, document, context, cancellationToken);
        DescribeProtobuf(document);

        var union = new OpenApiSchema
        {
            OneOf = [],
            Discriminator = new OpenApiDiscriminator
            {
                PropertyName = Discriminator,
                Mapping = new Dictionary<string, OpenApiSchemaReference>(StringComparer.Ordinal),
            },
        };
        foreach (var collection in model.Collections.Keys.Order(StringComparer.Ordinal))
        {
            Add(union, document, collection, new OpenApiSchemaReference(RecordOpenApi.SchemaOf(collection), document));
        }

        foreach (var collection in ModelNames.ReservedCollections.Order(StringComparer.Ordinal))
        {
            Add(union, document, collection, FieldSchemas.OfBuiltIn(collection));
        }

        schemas["SyncedRecord"] = union;
        properties["records"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = properties["records"].Description,
            Items = new OpenApiSchemaReference("SyncedRecord", document),
        };
    }

    /// <summary>JSON schemas cannot say how bytes look.</summary>
    private static void DescribeProtobuf(OpenApiDocument document)
    {
        var operation = document.Paths["/v1/sync"].Operations![HttpMethod.Post]; // found its answer's schema above
        foreach (var mediaType in SyncFormat.Protobuf.MediaTypes)
        {
            operation.RequestBody?.Content?[mediaType] = Message("SyncRequest");
            operation.Responses?["200"].Content?[mediaType] = Message("SyncResponse");
        }

        static OpenApiMediaType Message(string name) => new()
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String, Format = "binary", Description = $"The message {name} of docs/sync.proto; it says the same as the JSON.",
            },
        };
    }

    /// <summary>Mutations are read one by one, so that a wrong one is only its own affair; here they have their type.</summary>
    private static async Task DescribePushAsync(
        IDictionary<string, IOpenApiSchema> schemas, OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        if (schemas.TryGetValue(nameof(SyncRequest), out var request) && request.Properties is { } properties)
        {
            schemas["Mutation"] = await context.GetOrCreateSchemaAsync(typeof(MutationMessage), null, ct);
            properties["push"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = properties["push"].Description,
                Items = new OpenApiSchemaReference("Mutation", document),
            };
        }
    }

    private static void Add(OpenApiSchema union, OpenApiDocument document, string collection, IOpenApiSchema record)
    {
        var name = $"Synced{RecordOpenApi.TitleOf(collection)}";
        var marked = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(StringComparer.Ordinal) { Discriminator, Version },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                [Discriminator] = new OpenApiSchema { Type = JsonSchemaType.String, Const = collection },
                [Version] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String, Description = "The record's version, which mutations state as their base.",
                },
            },
        };
        document.Components!.Schemas![name] = new OpenApiSchema { AllOf = [record, marked] }; // the caller found both
        var reference = new OpenApiSchemaReference(name, document);
        union.OneOf!.Add(reference); // made with both, above
        union.Discriminator!.Mapping![collection] = reference;
    }
}
