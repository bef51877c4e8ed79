using System.Diagnostics;
using Backend.Http;
using Backend.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Backend.Records;

/// <summary>
/// <c>/v1/data</c>. What the collections look like comes from the model, so the OpenAPI description of these endpoints
/// is written from it too (<see cref="RecordOpenApi"/>).
/// </summary>
internal static class RecordEndpoints
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    private static readonly string[] ListParameters = 
    [
        "filter", "sort", "limit", "cursor", "scope", "fields", "expand", "count", "deleted",
    ];

    private static readonly string[] GetParameters = ["scope", "fields", "expand"];

    public static void MapRecords(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/data").RequireAuthorization().ExcludeFromDescription();
        group.MapMethods("/{collection}", Read, List);
        group.MapPost("/{collection}", Create);
        group.MapMethods("/{collection}/{id}", Read, Get);
        group.MapPut("/{collection}/{id}", Put);
        group.MapPatch("/{collection}/{id}", Patch);
        group.MapDelete("/{collection}/{id}", Delete);
        group.MapPost("/{collection}/{id}:restore", Restore);
    }

    private static async Task<IResult> List(
        HttpContext context, string collection, Caller caller, ListRecords list, CancellationToken ct)
    {
        if (QueryParameters.FindFaults(context.Request, ListParameters) is [_, ..] faults)
        {
            return Problems.Invalid(faults);
        }

        var query = context.Request.Query;
        var request = new ListRequest
        {
            Filter = query["filter"],
            Sort = query["sort"],
            Limit = query["limit"],
            Cursor = query["cursor"],
            Scope = query["scope"],
            Fields = query["fields"],
            Expand = query["expand"],
            Count = query["count"],
            Deleted = query["deleted"],
            SavesData = context.Request.Headers["Save-Data"].ToString().StartsWith("on", StringComparison.OrdinalIgnoreCase),
        };
        return await list.ExecuteAsync(caller, collection, request, ct) switch
        {
            ListOutcome.Page page => new RecordPageResult(page),
            ListOutcome.CollectionNotFound missing => Problems.CollectionNotFound(missing.Collection),
            ListOutcome.ScopeNotFound missing => Problems.ScopeNotFound(missing.Scope),
            ListOutcome.Invalid invalid => Problems.Invalid(invalid.Errors),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<IResult> Create(
        HttpContext context, string collection, Caller caller, CreateRecord create, CreateRecordOnce createOnce, CancellationToken ct)
    {
        var body = await JsonBody.ReadObjectAsync(context);
        var request = new CreateRequest(collection, body, Id: null, ScopeOf(context));
        if (IdempotencyKey.Read(context, caller, body) is not { } key)
        {
            return Map(await create.ExecuteAsync(caller, request, ct));
        }

        return await createOnce.ExecuteAsync(caller, request, key, ct) switch
        {
            OnceOutcome.Answered answered => new StoredAnswerResult(answered.Answer, answered.IsReplay),
            OnceOutcome.KeyReused => Problems.IdempotencyKeyReused(),
            OnceOutcome.Failed failed => Map(failed.Outcome),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<IResult> Get(
        HttpContext context, string collection, string id, Caller caller, ReadRecord read, CancellationToken ct)
    {
        if (QueryParameters.FindFaults(context.Request, GetParameters) is [_, ..] faults)
        {
            return Problems.Invalid(faults);
        }

        var query = context.Request.Query;
        var request = new ReadRequest(query["scope"], query["fields"], query["expand"]);
        return Map(await read.ExecuteAsync(caller, collection, id, request, ct));
    }

    /// <summary>Replaces; with <c>If-None-Match: *</c> creates under the id of the URL.</summary>
    private static async Task<IResult> Put(
        HttpContext context, string collection, string id, Caller caller, ChangeRecord change, CreateRecord create,
        CancellationToken ct)
    {
        var body = await JsonBody.ReadObjectAsync(context);
        if (!ETagCondition.Parse(context.Request.Headers.IfNoneMatch).IsAny)
        {
            return Map(await change.ExecuteAsync(caller, AddressOf(context, collection, id), new RecordEdit.Replace(body), ct));
        }

        var outcome = await create.ExecuteAsync(caller, new CreateRequest(collection, body, id, ScopeOf(context)), ct);
        return Map(outcome is RecordOutcome.AlreadyExists ? new RecordOutcome.PreconditionFailed() : outcome);
    }

    private static async Task<IResult> Patch(
        HttpContext context, string collection, string id, Caller caller, ChangeRecord change, CancellationToken ct)
    {
        var body = await JsonBody.ReadObjectAsync(context);
        return Map(await change.ExecuteAsync(caller, AddressOf(context, collection, id), new RecordEdit.Patch(body), ct));
    }

    private static async Task<IResult> Delete(
        HttpContext context, string collection, string id, Caller caller, ChangeRecord change, CancellationToken ct) =>
        await change.ExecuteAsync(caller, AddressOf(context, collection, id), new RecordEdit.Delete(), ct) is var outcome
            && outcome is RecordOutcome.Done
            ? TypedResults.NoContent()
            : Map(outcome);

    private static async Task<IResult> Restore(
        HttpContext context, string collection, string id, Caller caller, ChangeRecord change, CancellationToken ct) =>
        Map(await change.ExecuteAsync(caller, AddressOf(context, collection, id), new RecordEdit.Restore(), ct));

    private static RecordAddress AddressOf(HttpContext context, string collection, string id) =>
        new(collection, id, ScopeOf(context), ETagCondition.Parse(context.Request.Headers.IfMatch));

    private static string? ScopeOf(HttpContext context) => context.Request.Query["scope"] is [{ } scope] ? scope : null;

    private static IResult Map(RecordOutcome outcome) => outcome switch
    {
        RecordOutcome.Done done => new RecordResult(done.Record, StatusCodes.Status200OK, shape: done.Shape),
        RecordOutcome.Created created => new RecordResult(
            created.Record, StatusCodes.Status201Created, RecordResult.LocationOf(created.Record)),
        _ => RecordProblems.Of(outcome),
    };
}
