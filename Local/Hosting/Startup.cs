using Backend.Model;
using Local.Cosmos;
using Local.Identity;
using Local.Images;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Local.Hosting;

/// <summary>Runs the host at a console: says what a person needs, and turns what prevents the start into one clear line.</summary>
internal static class Startup
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h" or "-?"])
        {
            Console.WriteLine(LocalSettings.Help);
            return 0;
        }

        WebApplication app;
        try
        {
            if (args is ["cosmos-indexes", .. var rest])
            {
                Console.WriteLine($"Wrote {CosmosStore.WriteIndexes(LocalHost.ReadSettings(rest))}");
                return 0;
            }

            app = LocalHost.Build(args);
            await app.StartAsync();
        }
        catch (Exception exception) when (Explain(exception) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return 1;
        }

        await using (app)
        {
            Console.WriteLine(Banner(app));
            await app.WaitForShutdownAsync();
            return 0;
        }
    }

    private static string? Explain(Exception exception) => exception switch
    {
        StartupException or ModelException or NativeLibraryMissingException => exception.Message,
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message.TrimEnd('.')}. Stop the program that listens there, or choose another port with --port.",
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        AggregateException several when several.InnerExceptions.Select(Explain).ToList() is var all && !all.Contains(null) =>
            string.Join(Environment.NewLine, all),
        FormatException or InvalidOperationException =>
            $"The configuration cannot be used: {exception.Message}",
        InvalidDataException or SqliteException => $"The data folder cannot be used: {exception.Message}.",
        _ => null, // a bug: let the runtime show all of it
    };

    private static string Banner(WebApplication app)
    {
        var url = ServerAddress.Of(app.Services);
        var model = app.Services.GetRequiredService<AppModel>();
        var text = $"""

            Backend is running.

              API          {url}
              Description  {url}/openapi.json
              Health       {url}/health/ready
              Data         {app.Services.GetRequiredService<DataFolder>().Root}
              Model        {string.Join(", ", model.Collections.Keys.Order(StringComparer.Ordinal))}

            """;
        if (app.Services.GetService<DevelopmentIssuer>() is not null)
        {
            text += $$"""

                Development identity: this process issues tokens to anybody who asks. Get one for alice:

                  curl -s {{url}}/dev/token -H 'Content-Type: application/json' -d '{"sub":"alice"}'

                """;
        }

        return text + Environment.NewLine + "Ctrl-C stops it.";
    }
}
