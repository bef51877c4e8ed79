using System.Collections.Concurrent;
using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.Tests.Admin;

public sealed class AuditLogTests
{
    [Fact]
    public async Task Every_admin_action_leaves_one_line_without_content()
    {
        using var lines = new Lines();
        await using var backend = await LocalBackend.StartWithAsync(services => services.AddSingleton<ILoggerProvider>(lines));
        using var root = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "root", "admin");

        await root.PostAsync("/v1/admin/rules:explain", """{"caller":{"id":"bob"},"operation":"create","collection":"notes","record":{"title":"secret"}}""");
        await root.PostAsync("/v1/admin/rules:explain", "{");
        await root.PostAsync("/v1/admin/orchestrations", """{"name":"ReprocessMedia","id":"all","input":{"scope":5}}""");

        Assert.Equal(
            [
                "Admin root: POST /v1/admin/rules:explain (create of notes for bob) answered 200",
                "Admin root: POST /v1/admin/rules:explain (not read) answered 400",
                "Admin root: POST /v1/admin/orchestrations (ReprocessMedia as all) answered 400",
            ],
            lines.Written);
    }

    [Fact]
    public async Task The_role_is_an_option()
    {
        await using var backend = await LocalBackend.StartAsync(null, "--Auth:AdminRole=operators");
        using var admin = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "a", "admin");
        using var operators = await ApiClient.CreateAsync(backend.Url, new Uri(backend.Url, "/dev/token"), "b", "x", "operators");
        const string Body = """{"caller":{"id":"bob"},"operation":"create","collection":"notes","record":{"title":"a"}}""";

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await admin.PostAsync("/v1/admin/rules:explain", Body)).Status);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await operators.PostAsync("/v1/admin/rules:explain", Body)).Status);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _written = new();

        public IEnumerable<string> Written => _written;

        public ILogger CreateLogger(string categoryName) =>
            categoryName == "Backend.Admin.AuditLog" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _written.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
