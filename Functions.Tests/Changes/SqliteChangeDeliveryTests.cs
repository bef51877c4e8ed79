using Functions.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Changes;

public sealed class SqliteChangeDeliveryTests : ChangeDeliveryContract
{
    protected override Task<LocalBackend> StartAsync(Action<IServiceCollection> configure, string data, string[] settings) =>
        LocalBackend.StartWithAsync(configure, data, settings);
}
