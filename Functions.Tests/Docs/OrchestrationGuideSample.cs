using System.Text.Json.Serialization;
using Backend.Changes;
using Backend.Orchestrations;
using Backend.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Docs;

public sealed record Order(string Id, int Cents);

public sealed record Receipt(string OrderId, string Result);

[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
public sealed partial class OrdersJsonContext : JsonSerializerContext;

public sealed class ReserveStock : IActivity<Order, string>
{
    public static ActivityDefinition<Order, string> Definition { get; } =
        new(nameof(ReserveStock), OrdersJsonContext.Default.Order, OrdersJsonContext.Default.String);

    // May run twice with one input: the order's id makes the second one find the first one's work.
    public Task<string> RunAsync(Order input, CancellationToken ct) => Task.FromResult($"reservation-{input.Id}");
}

public sealed class ReleaseStock : IActivity<string, bool>
{
    public static ActivityDefinition<string, bool> Definition { get; } =
        new(nameof(ReleaseStock), OrdersJsonContext.Default.String, OrdersJsonContext.Default.Boolean);

    public Task<bool> RunAsync(string input, CancellationToken ct) => Task.FromResult(true);
}

public sealed class FulfilOrder : IOrchestration<Order, Receipt>
{
    public static EventDefinition<bool> Approval { get; } = new("Approval", OrdersJsonContext.Default.Boolean);

    public static OrchestrationDefinition<Order, Receipt> Definition { get; } =
        new(nameof(FulfilOrder), OrdersJsonContext.Default.Order, OrdersJsonContext.Default.Receipt);

    private static readonly RetryPolicy Retry = new(5, TimeSpan.FromSeconds(1), MaxDelay: TimeSpan.FromMinutes(1))
    {
        RetryOn = error => error.Type is "IOException" or "TimeoutException" or "HttpRequestException",
    };

    public async Task<Receipt> RunAsync(OrchestrationContext context, Order input)
    {
        var log = context.CreateReplaySafeLogger<FulfilOrder>();
        var reservation = await context.CallActivityAsync(
            ReserveStock.Definition, input, Retry, timeout: TimeSpan.FromSeconds(30));
        context.SetCustomStatus("waiting for approval", OrdersJsonContext.Default.String);
        try
        {
            if (await context.WaitForEventAsync(Approval, TimeSpan.FromDays(2)))
            {
                return new Receipt(input.Id, "fulfilled");
            }
        }
        catch (EventTimeoutException)
        {
            log.NotApproved(input.Id);
        }

        await context.CallActivityAsync(ReleaseStock.Definition, reservation, Retry);
        return new Receipt(input.Id, "released");
    }
}

public static class OrderServices
{
    public static IServiceCollection AddOrders(this IServiceCollection services) => services
        .AddActivity<ReserveStock, Order, string>()
        .AddActivity<ReleaseStock, string, bool>()
        .AddOrchestration<FulfilOrder, Order, Receipt>();
}

public sealed class Orders(IOrchestrator orchestrator)
{
    /// <summary>However often it is called for one order, it is fulfilled once.</summary>
    public Task FulfilAsync(Order order, CancellationToken ct) =>
        orchestrator.StartAsync(FulfilOrder.Definition, $"order-{order.Id}", order, ct);

    public Task<bool> ApproveAsync(string orderId, CancellationToken ct) =>
        orchestrator.RaiseEventAsync($"order-{orderId}", FulfilOrder.Approval, true, ct);
}

public sealed class FulfilNewOrders(Orders orders) : IRecordChangeHandler
{
    public string Name => "fulfil-new-orders";

    public Task HandleAsync(StoredRecord record, CancellationToken ct) =>
        record is { Deleted: false, Key.Collection: "orders" }
            ? orders.FulfilAsync(new Order(record.Key.Id.Value, Cents: 999), ct)
            : Task.CompletedTask;
}
