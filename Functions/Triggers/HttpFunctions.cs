using Functions.Http;
using Functions.Orchestrations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Functions.Triggers;

/// <summary>
/// One function for each area of the API, so that each is seen, scaled and switched off by itself; all hand the request
/// to the same pipeline. It authorises, hence "anonymous" here. Where endpoints start or watch orchestrations, the
/// function also binds the client for it.
/// </summary>
internal sealed class HttpFunctions(BackendPipeline pipeline, DurableOrchestrator orchestrator)
{
    [Function("Admin")]
    public Task Admin(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/admin/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    [Function("Data")]
    public Task Data([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/data/{*path}")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    [Function("Sync")]
    public Task Sync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/sync/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    [Function("Media")]
    public Task Media(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/media/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    [Function("Spaces")]
    public Task Spaces(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/spaces/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    /// <summary>Another segment of the path than <c>spaces</c>, so no other route takes it.</summary>
    [Function("JoinSpace")]
    public Task JoinSpace([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/spaces:join")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    [Function("Operations")]
    public Task Operations(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/operations/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    [Function("Model")]
    public Task Model([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/model")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    [Function("Images")]
    public Task Images([HttpTrigger(AuthorizationLevel.Anonymous, Route = "i/{*path}")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    [Function("Health")]
    public Task Health(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "health/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    [Function("OpenApi")]
    public Task OpenApi([HttpTrigger(AuthorizationLevel.Anonymous, Route = "openapi.json")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    /// <summary>
    /// Everything else, so that a wrong path gets the product's 404. The host tries routes in the order of the
    /// functions' names, so this name has to come last, and its own paths (keys, webhooks) must stay its own.
    /// </summary>
    [Function("Unknown")]
    public Task Unknown(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path:regex(^(?!admin|runtime))}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => RunAsync(request, client);

    private Task RunAsync(HttpRequest request, DurableTaskClient client)
    {
        orchestrator.Use(client);
        return pipeline.RunAsync(request.HttpContext);
    }
}
