using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Fixtures;

/// <summary>A model of a test's own with a data folder, and the host on both: started, changed and started again.</summary>
public sealed class ModelFolder : IDisposable
{
    /// <summary>Rules that let every signed-in caller do everything.</summary>
    public const string Open = "\"rules\":{\"read\":\"true\",\"create\":\"true\",\"update\":\"true\",\"delete\":\"true\"}";

    private readonly TempFolder _folder = new();

    public ModelFolder()
    {
        Directory.CreateDirectory(Path);
        Directory.CreateDirectory(Data);
        // The sample app's own code has a hook of this one.
        File.Copy(System.IO.Path.Combine(RepositoryFiles.Model, "orders.json"), System.IO.Path.Combine(Path, "orders.json"));
    }

    public string Path => _folder.File("model");

    public string Data => _folder.File("data");

    /// <summary>What every start has in its command line.</summary>
    public IReadOnlyList<string> Settings { get; set; } = [];

    /// <summary>Writes a collection of the users' scope that everybody may do everything with.</summary>
    /// <param name="name">The collection.</param>
    /// <param name="fields">The members of <c>fields</c>, without the braces.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="more">More members of the file.</param>
    public ModelFolder With(string name, string fields, string scope = "user", string more = Open)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, $"{name}.json"), $$"""{"scope":"{{scope}}","fields":{ {{fields}} }, {{more}} }""");
        return this;
    }

    public void Without(string name) => File.Delete(System.IO.Path.Combine(Path, $"{name}.json"));

    public Task<LocalBackend> StartAsync(params string[] settings) => LocalBackend.StartAsync(Data, ["--model", Path, .. Settings, .. settings]);

    public Task<LocalBackend> StartAsync(Action<IServiceCollection> configure) =>
        LocalBackend.StartWithAsync(configure, Data, ["--model", Path, .. Settings]);

    public static Task<ApiClient> ClientAsync(LocalBackend backend, string sub = "alice", params string[] roles) =>
        ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), sub, roles);

    /// <summary>Creates a record and returns its path.</summary>
    public static async Task<string> CreateAsync(ApiClient client, string collection, string json)
    {
        var answer = await client.PostAsync($"/v1/data/{collection}", json);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return $"/v1/data/{collection}/{answer.Id}";
    }

    public void Dispose() => _folder.Dispose();
}
