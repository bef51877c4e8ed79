using System.Collections.Frozen;
using System.Text.Json;
using Backend.Media;
using Backend.Spaces;

namespace Backend.Model;

/// <summary>Reads and checks a model folder. Every error of every file is reported at once.</summary>
public static class ModelLoader
{
    private const string MediaFile = "media.json";
    private const string SpacesFile = "spaces.json";

    private static readonly JsonDocumentOptions Json = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <exception cref="ModelException">The folder is missing, empty, or a file has errors.</exception>
    public static AppModel Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelException([new ModelError("", folder, "there is no such folder")]);
        }

        var errors = new List<ModelError>();
        var collections = new Dictionary<string, CollectionModel>(StringComparer.Ordinal);
        FrozenDictionary<string, RenditionSpec>? presets = null;
        var media = new MediaModel();
        var roles = ReadRoles(Path.Combine(folder, SpacesFile), errors); // first: rules name them
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var file = Path.GetFileName(path);
            if (file == SpacesFile
                || file.EndsWith(".schema.json", StringComparison.Ordinal)
                || Parse(path, file, errors) is not { } root)
            {
                continue;
            }

            if (file == MediaFile)
            {
                presets = PresetReader.Read(root);
                media = MediaModel.Read(root, roles);
                root.RejectUnknown();
            }
            else if (CollectionReader.Read(file[..^".json".Length], root, roles) is { } collection)
            {
                collections.Add(collection.Name, collection);
            }
        }

        CheckReferences(collections, errors);
        if (collections.Values.Sum(collection => collection.Indexes.Count) is > IndexModel.MaxIndexesOfModel and var count)
        {
            errors.Add(new ModelError("", folder, $"there are {count} indexes; at most {IndexModel.MaxIndexesOfModel} are allowed"));
        }

        if (collections.Count == 0 && errors.Count == 0)
        {
            errors.Add(new ModelError("", folder, "there is no collection; add one file a collection, for example notes.json"));
        }

        return errors.Count == 0
            ? new AppModel(collections.ToFrozenDictionary(StringComparer.Ordinal), presets ?? PresetReader.Defaults)
            {
                SpaceRoles = roles ?? SpaceRoles.BuiltIn,
                Media = media,
            }
            : throw new ModelException(errors);
    }

    /// <summary>Null when the file has errors.</summary>
    private static SpaceRoles? ReadRoles(string path, List<ModelError> errors)
    {
        if (!File.Exists(path))
        {
            return SpaceRoles.BuiltIn;
        }

        var before = errors.Count;
        var roles = Parse(path, SpacesFile, errors) is { } root ? SpaceRolesReader.Read(root) : null;
        return errors.Count == before ? roles : null;
    }

    private static JsonNodeReader? Parse(string path, string file, List<ModelError> errors)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Json);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
            {
                return new JsonNodeReader(document.RootElement.Clone(), "$", file, errors);
            }

            errors.Add(new ModelError(file, "$", "expected an object"));
        }
        catch (JsonException exception)
        {
            errors.Add(new ModelError(
                file, "$", $"not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {exception.Message}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add(new ModelError(file, "$", $"cannot be read: {exception.Message}"));
        }

        return null;
    }

    private static void CheckReferences(Dictionary<string, CollectionModel> collections, List<ModelError> errors)
    {
        foreach (var collection in collections.Values)
        {
            foreach (var field in collection.Fields.Values.Where(field => field.Type is FieldType.Reference))
            {
                if (field.Collection is { } target && !collections.ContainsKey(target))
                {
                    errors.Add(new ModelError(
                        $"{collection.Name}.json", $"$.fields.{field.Name}.collection", $"there is no collection '{target}'"));
                }
                else if (field is { Checked: true, Collection: { } name } && !collections[name].IsReachedFrom(collection))
                {
                    errors.Add(new ModelError(
                        $"{collection.Name}.json", $"$.fields.{field.Name}.checked",
                        $"a reference leads to the record's own scope or to a public collection, and {name} is in neither"));
                }
            }
        }
    }
}
