using System.Text.Json;
using Backend.Http;

namespace Backend.Orchestrations.Admin;

/// <summary>Starts an orchestration whose name and input come from outside, after a look at both.</summary>
internal sealed class StartByName(IOrchestrator orchestrator, OrchestrationRegistry registry)
{
    public async Task<StartByNameOutcome> ExecuteAsync(StartRequest request, CancellationToken ct)
    {
        if (!registry.TryGetOrchestration(request.Name, out var orchestration))
        {
            return new StartByNameOutcome.UnknownName();
        }

        var id = request.Id ?? $"{Guid.CreateVersion7():n}";
        var policy = PolicyOf(request.Policy);
        var input = request.Input is { ValueKind: not JsonValueKind.Undefined } sent ? sent.GetRawText() : "null";
        if (Errors(id, policy, orchestration, input) is { Count: > 0 } errors)
        {
            return new StartByNameOutcome.Invalid(errors);
        }

        try
        {
            var outcome = await orchestrator.StartAsync(request.Name, id, input, policy ?? StartPolicy.Accept, ct);
            return new StartByNameOutcome.Done(id, outcome);
        }
        catch (PayloadTooLargeException exception)
        {
            return new StartByNameOutcome.TooLarge(exception.Message);
        }
    }

    private static List<FieldError> Errors(string id, StartPolicy? policy, OrchestrationHandler orchestration, string input)
    {
        List<FieldError> errors = [];
        if (!OrchestrationInstanceId.IsValid(id))
        {
            errors.Add(new FieldError(
                "$.id", "invalid_id",
                $"Expected 1 to {OrchestrationInstanceId.MaxLength} printable ASCII characters without / \\ # ?, not starting with @."));
        }

        if (policy is null)
        {
            errors.Add(new FieldError("$.policy", "not_in_enum", "Expected accept, reject or replace."));
        }

        try
        {
            orchestration.CheckInput(input);
        }
        catch (JsonException exception)
        {
            // Else it would start, and fail at once.
            var error = JsonBody.ErrorOf(exception);
            errors.Add(error with { Path = $"$.input{error.Path[1..]}" });
        }

        return errors;
    }

    private static StartPolicy? PolicyOf(string? text) => text switch
    {
        null or "accept" => StartPolicy.Accept,
        "reject" => StartPolicy.Reject,
        "replace" => StartPolicy.Replace,
        _ => null,
    };
}

internal abstract record StartByNameOutcome
{
    /// <param name="Id">The instance's.</param>
    /// <param name="Outcome">What its policy made of it.</param>
    internal sealed record Done(string Id, StartOutcome Outcome) : StartByNameOutcome;

    internal sealed record UnknownName : StartByNameOutcome;

    internal sealed record Invalid(IReadOnlyList<FieldError> Errors) : StartByNameOutcome;

    internal sealed record TooLarge(string Message) : StartByNameOutcome;
}
