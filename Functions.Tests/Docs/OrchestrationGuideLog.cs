using Microsoft.Extensions.Logging;

namespace Functions.Tests.Docs;

internal static partial class OrchestrationGuideLog
{
    [LoggerMessage(LogLevel.Information, "Order {OrderId} was not approved in time")]
    public static partial void NotApproved(this ILogger logger, string orderId);
}
