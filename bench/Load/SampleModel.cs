using System.Text.Json.Nodes;

namespace Bench.Load;

/// <summary>The sample's model in a folder of its own, perhaps without the indexes that its collections declare.</summary>
internal sealed class SampleModel : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backend-bench-model-");

    public SampleModel(bool withIndexes)
    {
        foreach (var file in new DirectoryInfo("model").GetFiles("*.json"))
        {
            var collection = JsonNode.Parse(File.ReadAllText(file.FullName))!.AsObject(); // a model that loads has an object in each file
            if (!withIndexes)
            {
                collection.Remove("indexes");
                foreach (var (_, field) in collection["fields"]?.AsObject() ?? [])
                {
                    field?.AsObject().Remove("indexed");
                }
            }

            File.WriteAllText(Path.Combine(_folder.FullName, file.Name), collection.ToJsonString());
        }
    }

    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
