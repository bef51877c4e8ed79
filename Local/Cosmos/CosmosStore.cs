using Backend.Azure.Records;
using Backend.Model;
using Local.Changes;
using Local.Hosting;

namespace Local.Cosmos;

/// <summary>
/// The embedded host on the record store of Azure: <c>--store cosmos</c>. It is left out of a program that is compiled
/// ahead of time, which the Cosmos SDK cannot be (see Local.csproj).
/// </summary>
internal static class CosmosStore
{
    public static IServiceCollection AddCosmosStore(this IServiceCollection services) => services
        .AddCosmosRecords()
        .AddChangeDelivery<CosmosChanges>();

    /// <summary>Writes the indexes that a Cosmos container needs for the model, for <c>infra/</c> to deploy.</summary>
    /// <exception cref="ModelException">The model has errors.</exception>
    public static string WriteIndexes(LocalSettings settings)
    {
        var json = CosmosIndexPlan.ToJson(ModelLoader.Load(settings.Model));
        var path = Path.Combine("infra", CosmosIndexPlan.File);
        if (!Directory.Exists("infra"))
        {
            throw new StartupException("There is no folder infra here; run this in the root folder of the repository.");
        }

        File.WriteAllText(path, json);
        return path;
    }
}
