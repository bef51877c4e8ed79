using System.Globalization;
using System.Text.Json.Nodes;
using Backend.Model;
using Microsoft.OpenApi;

namespace Backend.Records;

/// <summary>JSON Schemas of a collection's records, as the OpenAPI description shows them.</summary>
internal static class FieldSchemas
{
    /// <summary>What the server answers with: every reserved name, then the fields.</summary>
    public static OpenApiSchema OfRecord(CollectionModel collection)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = collection.Description,
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["id"] = Text("1 to 64 letters, digits, hyphens and underscores."),
                ["scope"] = Text("Where the record lives."),
                ["owner"] = Text("The user who created it."),
                ["createdAt"] = Instant(),
                ["updatedAt"] = Instant(),
                ["etag"] = Text("The version, for If-Match."),
                ["deleted"] = new OpenApiSchema { Type = JsonSchemaType.Boolean },
            },
            Required = new HashSet<string>(StringComparer.Ordinal)
            {
                "id", "scope", "owner", "createdAt", "updatedAt", "etag", "deleted",
            },
        };
        foreach (var field in collection.Fields.Values)
        {
            schema.Properties[field.Name] = OfField(field);
            if (field.Required)
            {
                schema.Required.Add(field.Name);
            }
        }

        if (ListOpenApi.Expanded(collection) is { } expanded)
        {
            schema.Properties["expanded"] = expanded;
        }

        return schema;
    }

    /// <summary>What a client sends: the fields that it may set.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="isPatch">A merge patch: nothing is required, null removes.</param>
    /// <param name="withAddress">Whether <c>id</c> and <c>scope</c> may be stated.</param>
    public static OpenApiSchema OfInput(CollectionModel collection, bool isPatch, bool withAddress)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            AdditionalPropertiesAllowed = false,
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            Required = new HashSet<string>(StringComparer.Ordinal),
        };
        if (withAddress)
        {
            schema.Properties["id"] = Text("Chosen by the client; a UUID version 7 when absent.");
            schema.Properties["scope"] = Text("The collection's default scope when absent.");
        }

        foreach (var field in collection.Fields.Values.Where(field => !field.ServerOnly))
        {
            var property = OfField(field);
            if (!field.Required)
            {
                property.Type |= JsonSchemaType.Null;
            }

            schema.Properties[field.Name] = property;
            if (field.Required && field.Default is null && !isPatch)
            {
                schema.Required.Add(field.Name);
            }
        }

        return schema;
    }

    private static OpenApiSchema OfField(FieldModel field)
    {
        var schema = field.Type switch
        {
            FieldType.Integer or FieldType.Counter => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            FieldType.Number => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
            FieldType.Boolean => new OpenApiSchema { Type = JsonSchemaType.Boolean },
            FieldType.Timestamp => Instant(),
            FieldType.Json => new OpenApiSchema(),
            FieldType.Reference => Text($"The id of a record of {field.Collection}."),
            FieldType.Media => Text("The id of a media record."),
            FieldType.Set => new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                UniqueItems = true,
                MaxItems = field.MaxItems ?? FieldChecks.DefaultMaxItems,
                Items = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = field.MaxLength },
            },
            _ => new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                MaxLength = field.MaxLength ?? FieldChecks.DefaultMaxLength,
                Pattern = field.Pattern?.ToString(),
                Enum = field.Enum is null ? null : [.. field.Enum.Select(value => (JsonNode)JsonValue.Create(value))],
            },
        };
        schema.Description = field.Description ?? schema.Description;
        schema.ReadOnly = field.ServerOnly;
        schema.Minimum = field.Min?.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = field.Max?.ToString(CultureInfo.InvariantCulture);
        schema.Default = field.Default is { } value ? JsonNode.Parse(value.GetRawText()) : null;
        return schema;
    }

    private static OpenApiSchema Text(string description) =>
        new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Instant() => new() { Type = JsonSchemaType.String, Format = "date-time" };
}
