using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Backend.Admin;
using Backend.Http;
using Backend.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Backend.Orchestrations.Admin;

/// <summary><c>/v1/admin/orchestrations</c>: what durable work there is, and the means to steer it.</summary>
internal static class OrchestrationEndpoints
{
    private const string DefaultReason = "terminated by an administrator";

    private const string UnknownName = "This host has no orchestration of that name.";

    public static IServiceCollection AddOrchestrationAdmin(this IServiceCollection services) => services
        .AddSingleton<OrchestrationCursor>()
        .AddSingleton<StartByName>()
        .AddJsonContext(OrchestrationJsonContext.Default);

    public static void MapOrchestrations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapAdminGroup().MapGroup("/orchestrations");
        group.MapGet("/", List)
            .WithName("listOrchestrations")
            .WithSummary("Instances, the newest first, in pages.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/", Start)
            .WithName("startOrchestration")
            .WithSummary("Starts an instance of an orchestration by its name.")
            .Accepts<StartRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/{id}", Read)
            .WithName("readOrchestration")
            .WithSummary("An instance with its history.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/{id}:terminate", Terminate)
            .WithName("terminateOrchestration")
            .WithSummary("Ends an instance and those that it called.")
            .Accepts<TerminateRequest>("application/json")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id}:raiseEvent", RaiseEvent)
            .WithName("raiseOrchestrationEvent")
            .WithSummary("Hands an event to an instance.")
            .Accepts<RaiseEventRequest>("application/json")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{id}:rerun", Rerun)
            .WithName("rerunOrchestration")
            .WithSummary("Runs an ended instance again with its input.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<OrchestrationList>, ProblemHttpResult>> List(
        HttpContext context,
        string? state,
        string? name,
        DateTimeOffset? createdFrom,
        DateTimeOffset? createdBefore,
        int? limit,
        string? cursor,
        IOrchestrator orchestrator,
        OrchestrationCursor cursors,
        CancellationToken ct)
    {
        var query = new OrchestrationQuery(null, name, createdFrom, createdBefore, limit ?? OrchestrationCursor.DefaultLimit);
        if (query.Limit is < 1 or > OrchestrationCursor.MaxLimit)
        {
            return Problems.Invalid("limit", "out_of_range", $"Expected 1 to {OrchestrationCursor.MaxLimit}.");
        }

        if (state is not null)
        {
            if (OrchestrationView.ParseState(state) is not { } known)
            {
                return Problems.Invalid("state", "not_in_enum", $"Expected one of {OrchestrationView.States}.");
            }

            query = query with { State = known };
        }

        if (cursor is not null)
        {
            if (!cursors.TryDecode(query, cursor, out var position))
            {
                return Problems.Invalid("cursor", "invalid_cursor", "The cursor is not one of this query.");
            }

            query = query with { After = position };
        }

        AuditLog.Name(context, "orchestrations");
        var page = await orchestrator.ListAsync(query, ct);
        var next = page.Next is { } after ? cursors.Encode(query with { After = null }, after) : null;
        return TypedResults.Ok(new OrchestrationList([.. page.Items.Select(OrchestrationView.Of)], next));
    }

    private static async Task<Results<Accepted<StartAnswer>, ProblemHttpResult>> Start(
        HttpContext context, StartByName start, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, OrchestrationJsonContext.Default.StartRequest);
        AuditLog.Name(context, request.Id is { } id ? $"{request.Name} as {id}" : request.Name);
        return await start.ExecuteAsync(request, ct) switch
        {
            StartByNameOutcome.Done { Outcome: StartOutcome.Rejected } taken => Problems.Create(
                StatusCodes.Status409Conflict, "orchestration_exists", $"There is an orchestration {taken.Id} already."),
            StartByNameOutcome.Done done => TypedResults.Accepted(
                $"/v1/admin/orchestrations/{Uri.EscapeDataString(done.Id)}", StartAnswer.Of(done)),
            StartByNameOutcome.UnknownName => Problems.Create(
                StatusCodes.Status422UnprocessableEntity, "unknown_orchestration", UnknownName,
                [new FieldError("$.name", "unknown_orchestration", UnknownName)]),
            StartByNameOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            StartByNameOutcome.TooLarge large => Problems.Create(
                StatusCodes.Status413PayloadTooLarge, "payload_too_large", large.Message),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<Results<Ok<OrchestrationDetails>, ProblemHttpResult>> Read(
        HttpContext context, string id, IOrchestrator orchestrator, TimeProvider time, CancellationToken ct)
    {
        AuditLog.Name(context, id);
        if (!OrchestrationInstanceId.IsValid(id)
            || await orchestrator.FindAsync(id, ct) is not { } instance
            || await orchestrator.GetHistoryAsync(id, ct) is not { } history)
        {
            return NotFound(id);
        }

        if (!instance.State.HasEnded())
        {
            context.AskAgainLater(time.GetUtcNow() - instance.CreatedAt);
        }

        return TypedResults.Ok(new OrchestrationDetails(
            OrchestrationView.Of(instance), [.. history.Select(OrchestrationHistoryView.Of)]));
    }

    private static async Task<Results<Ok<OrchestrationView>, ProblemHttpResult>> Terminate(
        HttpContext context, string id, IOrchestrator orchestrator, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, OrchestrationJsonContext.Default.TerminateRequest);
        AuditLog.Name(context, id);
        return await AnswerAsync(
            orchestrator, id, () => orchestrator.TerminateAsync(id, request.Reason ?? DefaultReason, ct), ct);
    }

    private static async Task<Results<Ok<OrchestrationView>, ProblemHttpResult>> RaiseEvent(
        HttpContext context, string id, IOrchestrator orchestrator, CancellationToken ct)
    {
        var request = await JsonBody.ReadAsync(context, OrchestrationJsonContext.Default.RaiseEventRequest);
        AuditLog.Name(context, $"{request.Name} for {id}");
        try
        {
            var payload = request.Payload is { ValueKind: not JsonValueKind.Undefined } sent ? sent.GetRawText() : "null";
            return await AnswerAsync(orchestrator, id, () => orchestrator.RaiseEventAsync(id, request.Name, payload, ct), ct);
        }
        catch (PayloadTooLargeException exception)
        {
            return Problems.Create(StatusCodes.Status413PayloadTooLarge, "payload_too_large", exception.Message);
        }
    }

    private static async Task<Results<Ok<OrchestrationView>, ProblemHttpResult>> Rerun(
        HttpContext context, string id, IOrchestrator orchestrator, CancellationToken ct)
    {
        AuditLog.Name(context, id);
        var outcome = OrchestrationInstanceId.IsValid(id) ? await orchestrator.RerunAsync(id, ct) : RerunOutcome.NotFound;
        return outcome switch
        {
            RerunOutcome.Started when await orchestrator.FindAsync(id, ct) is { } instance =>
                TypedResults.Ok(OrchestrationView.Of(instance)),
            RerunOutcome.Started or RerunOutcome.NotFound => NotFound(id),
            RerunOutcome.Running => Problems.Create(
                StatusCodes.Status409Conflict, "orchestration_running", $"The orchestration {id} has not ended; terminate it first."),
            _ => throw new UnreachableException(),
        };
    }

    /// <param name="orchestrator">Asked for the instance as it is then.</param>
    /// <param name="id">The instance.</param>
    /// <param name="act">False when no such instance runs.</param>
    /// <param name="ct">Cancels.</param>
    private static async Task<Results<Ok<OrchestrationView>, ProblemHttpResult>> AnswerAsync(
        IOrchestrator orchestrator, string id, Func<Task<bool>> act, CancellationToken ct)
    {
        var done = OrchestrationInstanceId.IsValid(id) && await act();
        var instance = OrchestrationInstanceId.IsValid(id) ? await orchestrator.FindAsync(id, ct) : null;
        return (done, instance) switch
        {
            (_, null) => NotFound(id),
            (true, { } found) => TypedResults.Ok(OrchestrationView.Of(found)),
            (false, _) => Problems.Create(
                StatusCodes.Status409Conflict, "orchestration_ended", $"The orchestration {id} has ended."),
        };
    }

    private static ProblemHttpResult NotFound(string id) => Problems.Create(
        StatusCodes.Status404NotFound, "orchestration_not_found", string.Create(
            CultureInfo.InvariantCulture, $"There is no orchestration {id}."));
}
