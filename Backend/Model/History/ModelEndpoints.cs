using Backend.Http;
using Backend.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Model.History;

/// <summary><c>/v1/model</c>: the model as clients see it, with its version.</summary>
internal static class ModelEndpoints
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddModelHistory(this IServiceCollection services)
    {
        services.AddOptions<ModelChangeOptions>().BindConfiguration(ModelChangeOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<ModelChangeOptions>, ModelChangeOptionsValidator>()
            .AddSingleton<PublishedModel>()
            .AddJsonContext(ModelJsonContext.Default);
    }

    public static void MapModel(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/v1/model", Read, Get)
            .RequireAuthorization()
            .WithTags("Model")
            .WithName("getModel")
            .WithSummary("What records look like, and the version of that.")
            .Produces<ModelView>()
            .Produces(StatusCodes.Status304NotModified);

    private static IResult Get(HttpContext context, PublishedModel model)
    {
        var headers = context.Response.Headers;
        headers.ETag = model.ETag.ToHeader();
        headers.CacheControl = "private, no-cache";
        headers.Vary = "Authorization";
        return ETagCondition.Parse(context.Request.Headers.IfNoneMatch).Names(model.ETag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Bytes(model.Utf8, "application/json; charset=utf-8");
    }

    /// <summary>The answer, written once: neither the model nor its version changes while the process runs.</summary>
    internal sealed class PublishedModel(AppModel model, ModelHistory history)
    {
        public byte[] Utf8 { get; } = ModelView.Of(model, history.Shape).ToUtf8();

        /// <summary>With the version, since a model that went back to what it was is a new version.</summary>
        public ETag ETag { get; } = new($"{history.Shape.Version}-{history.Shape.Hash}");
    }
}
