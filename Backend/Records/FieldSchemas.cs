using System.Globalization;
using System.Text.Json.Nodes;
using Backend.Model;
using Microsoft.OpenApi;

namespace Backend.Records;

/// <summary>JSON Schemas of a collection's records, as the OpenAPI description shows them.</summary>
internal static class FieldSchemas
{
    private const string SetByServer = "Only the server sets it.";

    /// <summary>What the server answers with: every reserved name, then the fields.</summary>
    public static OpenApiSchema OfRecord(CollectionModel collection)
    {
        var schema = Envelope();
        schema.Description = collection.Description;
        foreach (var field in collection.Fields.Values)
        {
            schema.Properties![field.Name] = OfField(field); // the envelope has both
            if (field.Required)
            {
                schema.Required!.Add(field.Name);
            }
        }

        if (ListOpenApi.Expanded(collection) is { } expanded)
        {
            schema.Properties!["expanded"] = expanded; // as above
        }

        return schema;
    }

    /// <summary>Records that the product itself keeps and sync delivers; docs/model.md has their fields.</summary>
    public static OpenApiSchema OfBuiltIn(string collection)
    {
        var schema = Envelope();
        schema.Description = $"A record of the built-in collection {collection}.";
        schema.AdditionalPropertiesAllowed = true;
        return schema;
    }

    private static OpenApiSchema Envelope() => new()
    {
        Type = JsonSchemaType.Object,
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

            schema.Properties[field.Name] = isPatch ? WithOperation(field, property) : property;
            if (field.Required && field.Default is null && !isPatch)
            {
                schema.Required.Add(field.Name);
            }
        }

        return schema;
    }

    /// <summary>A patch may say what to do with a value instead of what it is to be (<see cref="FieldOperation"/>).</summary>
    private static OpenApiSchema WithOperation(FieldModel field, OpenApiSchema value)
    {
        var operation = field.Type switch
        {
            FieldType.Integer or FieldType.Counter => Operation(
                [("$increment", new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" })], required: "$increment"),
            FieldType.Set => Operation([("$add", Texts()), ("$remove", Texts())], required: null),
            _ => null,
        };
        return operation is null
            ? value
            : new OpenApiSchema { Description = value.Description, OneOf = [value, operation] };
    }

    private static OpenApiSchema Operation((string Name, OpenApiSchema Schema)[] members, string? required) => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalPropertiesAllowed = false,
        MinProperties = 1,
        Properties = members.ToDictionary(member => member.Name, member => (IOpenApiSchema)member.Schema, StringComparer.Ordinal),
        Required = required is null ? null : new HashSet<string>(StringComparer.Ordinal) { required },
    };

    private static OpenApiSchema Texts() =>
        new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } };

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
        // Not as readOnly: what clients send has schemas of its own, and generators would make two of everything.
        schema.Description = (field.Description ?? schema.Description, field.ServerOnly) switch
        {
            (null, true) => SetByServer,
            ({ } text, true) => $"{text} {SetByServer}",
            (var text, false) => text,
        };
        long? bound = field.Type is FieldType.Integer or FieldType.Counter ? FieldChecks.MaxInteger : null;
        schema.Minimum = (field.Min ?? -bound)?.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = (field.Max ?? bound)?.ToString(CultureInfo.InvariantCulture);
        schema.Default = field.Default is { } value ? JsonNode.Parse(value.GetRawText()) : null;
        return schema;
    }

    private static OpenApiSchema Text(string description) =>
        new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Instant() => new() { Type = JsonSchemaType.String, Format = "date-time" };
}
