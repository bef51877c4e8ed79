using App;
using Backend;
using Backend.Model;
using Backend.Orchestrations.Checks;
using Local.Blobs;
using Local.Identity;
using Local.Images;
using Local.Orchestrations;

namespace Local.Hosting;

/// <summary>Puts the product on its embedded adapters: SQLite, files, libvips, one process.</summary>
internal static class LocalHost
{
    /// <summary>Builds the host; nothing listens yet, but the data folder is taken.</summary>
    /// <exception cref="StartupException">Something is wrong that the person at the console can mend.</exception>
    /// <exception cref="ModelException">The model has errors.</exception>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Registers more services, after all others.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? configure = null)
    {
        var (settings, own) = Read(args);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = "Local",
            EnvironmentName = settings.Environment,
            // Settings are read once. Watching for changes would put a watch on every folder below the working folder.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.AddConfiguration(own);
        var model = ModelLoader.Load(settings.Model);
        LibvipsLibrary.Load();

        builder.WebHost.UseUrls(settings.Urls);
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // whoever reads a body has a limit of its own, an option
        });
        ConfigureLogging(builder.Logging);
        builder.Services
            .AddBackend(model)
            .AddApp()
            .AddDataFolder(new DataFolder(settings.Data))
            .AddStores(settings.Store)
            .AddBlobs(settings.Blobs)
            .AddLibvips()
            .AddEmbeddedOrchestrations()
            .AddOrchestrationChecks(builder.Configuration)
            .AddIdentity(builder.Configuration, builder.Environment);
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseBackend(routes =>
        {
            if (settings.Blobs == LocalSettings.FileBlobs)
            {
                routes.MapBlobs();
            }

            routes.MapDevelopmentIssuer();
        });
        return app;
    }

    /// <exception cref="StartupException">An argument makes no sense.</exception>
    public static LocalSettings ReadSettings(string[] args) => Read(args).Settings;

    private static (LocalSettings Settings, IConfiguration Own) Read(string[] args)
    {
        LocalSettings.CheckArguments(args);
        // Read apart from the rest, whose sources know variables without the prefix, too: PORT and DATA may be others'.
        var own = new ConfigurationBuilder().AddEnvironmentVariables("BACKEND_").AddCommandLine(args).Build();
        return (LocalSettings.Read(own), own);
    }

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // How the host starts and why it cannot is told by this program itself, in its own words.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
    }
}
