using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Backend.Http;

/// <summary>Completes URLs of this server with the address under which the client reached it.</summary>
internal static class PublicUrl
{
    public static string Of(HttpContext context, string pathAndQuery)
    {
        var configured = context.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value.PublicUrl;
        return configured is null
            ? $"{context.Request.Scheme}://{context.Request.Host}{pathAndQuery}"
            : $"{configured.AbsoluteUri.TrimEnd('/')}{pathAndQuery}";
    }
}
