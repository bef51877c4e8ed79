using System.Globalization;

namespace Local.Hosting;

/// <summary>What can be set on the command line, or by environment variables with the prefix <c>BACKEND_</c>.</summary>
/// <param name="Urls">Where to listen.</param>
/// <param name="Data">The data folder.</param>
/// <param name="Model">The model folder.</param>
/// <param name="Store">Where records are kept: sqlite or cosmos.</param>
/// <param name="Blobs">Where media are kept: files, azurite or azure.</param>
/// <param name="Environment">Development or Production; null for what DOTNET_ENVIRONMENT says.</param>
internal sealed record LocalSettings(string Urls, string Data, string Model, string Store, string Blobs, string? Environment)
{
    public const string Help = """
        Runs the whole backend in one process.

          --port <number>       Port on localhost; 0 picks a free one. Default: 5080
          --urls <list>         Addresses to listen on, separated by ';', instead of --port
          --data <folder>       Where data is kept. Default: ./.data
          --model <folder>      The model: one JSON file a collection. Default: ./model
          --store <name>        Where records are kept: sqlite, or cosmos with the settings Cosmos:… Default: sqlite
          --blobs <name>        Where media are kept: files, azurite on this machine, or azure with the settings Blobs:…
                                Default: files
          --environment <name>  Development gives tokens to anybody; Production needs an identity provider
          --help                This text

          cosmos-indexes        Writes infra/cosmos-indexes.json, the indexes that the model needs in Cosmos DB, and ends

        Every option is also an environment variable with the prefix BACKEND_, as BACKEND_PORT; so are all settings,
        with two underscores between section and key, as BACKEND_MEDIA__MAXUPLOADBYTES.
        """;

    public const string SqliteStore = "sqlite";

    public const string CosmosStore = "cosmos";

    public const string FileBlobs = "files";

    public const string AzuriteBlobs = "azurite";

    public const string AzureBlobs = "azure";

    private const int DefaultPort = 5080;

    private static readonly string[] Names = ["port", "urls", "data", "model", "store", "blobs", "environment"];

    /// <exception cref="StartupException">An argument is unknown or has no value.</exception>
    public static void CheckArguments(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..].Split('=')[0] : "";
            // Section:Key sets anything, as configuration does everywhere.
            if (!Names.Contains(name, StringComparer.Ordinal) && !name.Contains(':', StringComparison.Ordinal))
            {
                throw new StartupException($"'{args[i]}' is not an option. --help lists them.");
            }

            if (!args[i].Contains('=', StringComparison.Ordinal) && ++i >= args.Length)
            {
                throw new StartupException($"--{name} needs a value.");
            }
        }
    }

    /// <exception cref="StartupException">A setting makes no sense.</exception>
    public static LocalSettings Read(IConfiguration configuration)
    {
        var port = configuration["port"];
        if (port is not null && configuration["urls"] is not null)
        {
            throw new StartupException("Set either --port or --urls, not both.");
        }

        var store = configuration["store"] ?? SqliteStore;
        if (store is not (SqliteStore or CosmosStore))
        {
            throw new StartupException($"--store must be {SqliteStore} or {CosmosStore}, not '{store}'.");
        }

        var blobs = configuration["blobs"] ?? FileBlobs;
        if (blobs is not (FileBlobs or AzuriteBlobs or AzureBlobs))
        {
            throw new StartupException($"--blobs must be {FileBlobs}, {AzuriteBlobs} or {AzureBlobs}, not '{blobs}'.");
        }

        return new LocalSettings(
            configuration["urls"] ?? UrlOf(port),
            configuration["data"] ?? ".data",
            configuration["model"] ?? "model",
            store,
            blobs,
            configuration["environment"]);
    }

    private static string UrlOf(string? text)
    {
        var port = DefaultPort;
        if (text is not null
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue))
        {
            throw new StartupException($"--port must be a number from 0 to {ushort.MaxValue}, not '{text}'.");
        }

        // The server cannot pick one free port for both addresses of localhost.
        return port == 0 ? "http://127.0.0.1:0" : string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
    }
}
