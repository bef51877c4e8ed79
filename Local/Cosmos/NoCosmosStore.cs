using Local.Hosting;

namespace Local.Cosmos;

/// <summary>In place of the store in a program that was built without it.</summary>
internal static class CosmosStore
{
    private const string Missing = "This program was built without Cosmos DB (CosmosStore=false, as for a native program).";

    public static IServiceCollection AddCosmosStore(this IServiceCollection services) => throw new StartupException(Missing);

    public static string WriteIndexes(LocalSettings settings) => throw new StartupException(Missing);
}
