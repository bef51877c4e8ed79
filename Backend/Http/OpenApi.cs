using Backend.Records;
using Backend.Sync;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Backend.Http;

/// <summary><c>/openapi.json</c>: OpenAPI 3.1 of this very model, so that clients can be generated from it.</summary>
internal static class OpenApi
{
    public static IServiceCollection AddBackendOpenApi(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security = [];
            }

            // Whatever goes wrong looks the same everywhere, so a generated client has one type for it.
            operation.Responses ??= [];
            operation.Responses.TryAdd("default", ProblemAnswer(context.Document));
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer<Common>();
        options.AddDocumentTransformer<RecordOpenApi>();
        options.AddDocumentTransformer<SyncOpenApi>();
    });

    public static void MapBackendOpenApi(this IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi.json").AllowAnonymous();

    /// <summary>An answer with problem details.</summary>
    public static OpenApiResponse ProblemAnswer(OpenApiDocument? document) => new()
    {
        Description = "A problem",
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), document) },
        },
    };

    /// <summary>What all operations share: title, bearer tokens and problem details.</summary>
    private sealed class Common : IOpenApiDocumentTransformer
    {
        public Task TransformAsync(
            OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
        {
            document.Info = new OpenApiInfo { Title = "Backend", Version = "v1" };
            document.Servers = [new OpenApiServer { Url = "/" }]; // relative to where the document was fetched
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            document.Components.Schemas[nameof(ProblemDetails)] = Problem();
            foreach (var path in document.Paths.Values)
            {
                // It is GET without a body, for every GET; described apart, it would claim the same operationId.
                path.Operations?.Remove(HttpMethod.Head);
            }

            return Task.CompletedTask;
        }

        private static OpenApiSchema Problem() => new()
        {
            Type = JsonSchemaType.Object,
            Description = "RFC 9457 problem details.",
            Required = new HashSet<string>(StringComparer.Ordinal) { "title", "status", "code" },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["type"] = Text(),
                ["title"] = Text(),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["detail"] = Text(),
                ["code"] = Text(),
                ["traceId"] = Text(),
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                        {
                            ["path"] = Text(),
                            ["code"] = Text(),
                            ["message"] = Text(),
                        },
                    },
                },
            },
        };

        private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
    }
}
