using Microsoft.AspNetCore.Http;

namespace Backend.Http;

/// <summary>Completes URLs of this server with the address under which the client reached it.</summary>
internal static class PublicUrl
{
    public static string Of(HttpContext context, string pathAndQuery) =>
        $"{context.Request.Scheme}://{context.Request.Host}{pathAndQuery}";
}
