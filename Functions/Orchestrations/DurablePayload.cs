using Microsoft.DurableTask;

namespace Functions.Orchestrations;

internal static class DurablePayload
{
    /// <summary>
    /// Bytes of JSON in UTF-8 that an input or output may have: what the embedded engine allows by default, so that
    /// what works in development works here. Above it, Durable would put payloads into blobs of its own.
    /// </summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Type and message, as the product's engines tell errors.</summary>
    public static string ErrorOf(TaskFailureDetails failure) =>
        failure is { ErrorType: "System.AggregateException", InnerFailure: { } inner } ? ErrorOf(inner) : // the host's wrapping
        $"{failure.ErrorType[(failure.ErrorType.LastIndexOf('.') + 1)..]}: {failure.ErrorMessage}";
}
