using System.Text.Json.Serialization.Metadata;

namespace Backend.Orchestrations;

/// <summary>An activity's name and how its input and output are written in the history.</summary>
/// <param name="Name">Stored in histories: renaming it strands the instances that are running.</param>
/// <param name="Input">From a generated JSON context.</param>
/// <param name="Output">From a generated JSON context.</param>
public sealed record ActivityDefinition<TInput, TOutput>(
    string Name, JsonTypeInfo<TInput> Input, JsonTypeInfo<TOutput> Output);

/// <summary>An orchestration's name and how its input and output are written in the history.</summary>
/// <param name="Name">Stored in histories: renaming it strands the instances that are running.</param>
/// <param name="Input">From a generated JSON context.</param>
/// <param name="Output">From a generated JSON context.</param>
public sealed record OrchestrationDefinition<TInput, TOutput>(
    string Name, JsonTypeInfo<TInput> Input, JsonTypeInfo<TOutput> Output);

/// <summary>An event's name and how its payload is written: the same definition raises it and waits for it.</summary>
/// <param name="Name">As with Durable Functions, case does not count.</param>
/// <param name="Payload">From a generated JSON context.</param>
public sealed record EventDefinition<T>(string Name, JsonTypeInfo<T> Payload);

/// <summary>
/// The order in which activities are called and what is made of their results. No I/O, no clock, no state of its own.
/// Payloads are small: references to blobs, not bytes.
/// </summary>
public interface IOrchestration<TInput, TOutput>
{
    static abstract OrchestrationDefinition<TInput, TOutput> Definition { get; }

    Task<TOutput> RunAsync(OrchestrationContext context, TInput input);
}

/// <summary>One step that does I/O. It may run more than once with the same input, so it must be idempotent.</summary>
public interface IActivity<TInput, TOutput>
{
    static abstract ActivityDefinition<TInput, TOutput> Definition { get; }

    Task<TOutput> RunAsync(TInput input, CancellationToken ct);
}
