using Functions.Tests.Fixtures;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Security;

public sealed class EndpointPolicyTests
{
    /// <summary>All that may be called without a token, and why; everything else needs one.</summary>
    private static readonly Dictionary<string, string> Open = new(StringComparer.Ordinal)
    {
        ["/health/live"] = "probes have no identity",
        ["/health/ready"] = "probes have no identity",
        ["/openapi.json"] = "describes the API and holds no data",
        ["/i/{id}"] = "checks a signature, else asks for a token itself",
        ["/i/{id}/{preset}"] = "checks a signature, else asks for a token itself",
        ["/blobs/{container}/{**path}"] = "checks a signature",
        ["/dev/token"] = "Development only",
        ["/dev/.well-known/openid-configuration"] = "Development only",
        ["/dev/jwks.json"] = "Development only",
    };

    [Fact]
    public async Task Every_endpoint_states_a_policy_and_only_the_listed_ones_are_open()
    {
        await using var backend = await LocalBackend.StartAsync();
        var endpoints = backend.App.Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();

        Assert.True(endpoints.Count > 10);
        foreach (var endpoint in endpoints)
        {
            var path = "/" + endpoint.RoutePattern.RawText?.Trim('/');
            var isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            var isGuarded = endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null;
            Assert.True(isOpen != isGuarded, $"{path} must state exactly one policy");
            Assert.True(isOpen == Open.ContainsKey(path), $"{path} is {(isOpen ? "open" : "guarded")} and should not be");
        }
    }

    [Fact]
    public async Task The_development_issuer_refuses_to_exist_outside_development()
    {
        using var folder = new TempFolder();
        string[] args = ["--port", "0", "--data", folder.Path, "--model", RepositoryFiles.Model, "--environment", "Production"];

        var refused = Assert.Throws<Local.Hosting.StartupException>(() => Local.Hosting.LocalHost.Build(args));
        Assert.Contains("BACKEND_AUTH__AUTHORITY", refused.Message, StringComparison.Ordinal);

        await using var backend = await LocalBackend.StartAsync();
        var services = backend.App.Services;
        Assert.Throws<InvalidOperationException>(() => new Local.Identity.DevelopmentIssuer(
            services.GetRequiredService<Local.Hosting.DataFolder>(), new Production(), services, TimeProvider.System));
    }

    private sealed class Production : Microsoft.Extensions.Hosting.IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } =
            new Microsoft.Extensions.FileProviders.NullFileProvider();
    }
}
