using Backend.Records;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Backend.Security;

/// <summary>What this product adds to the framework's handling of bearer tokens.</summary>
internal sealed class BearerEvents(TokenCache cache) : JwtBearerEvents
{
    private const string Scheme = "Bearer ";

    /// <summary>Before the token is checked: it may have been a moment ago.</summary>
    /// <exception cref="StoreUnavailableException">The issuer's keys cannot be fetched.</exception>
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        string? header = context.Request.Headers.Authorization;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var keys = await FetchKeysAsync(context);
        context.Token = header[Scheme.Length..].Trim();
        if (!cache.IsEnabled || context.Token.Length == 0)
        {
            return;
        }

        if (cache.Find(context.Token, keys) is { } principal)
        {
            context.Principal = principal;
            context.Success();
            return;
        }

        context.HttpContext.Features.Set(new Check(context.Token, keys));
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        if (!Caller.IsValidId(context.Principal?.FindFirst("sub")?.Value))
        {
            context.Fail(new SecurityTokenValidationException(
                "The token's sub is missing or not 1 to 255 printable ASCII characters"));
        }
        else if (context.HttpContext.Features.Get<Check>() is { } check && context.Principal is { } principal)
        {
            cache.Add(check.Token, context.SecurityToken.ValidTo, principal, check.Keys);
        }

        return Task.CompletedTask;
    }

    public override Task Challenge(JwtBearerChallengeContext context)
    {
        // The handler describes what is wrong with a token only in some cases; say it in all of them.
        context.ErrorDescription = context.AuthenticateFailure switch
        {
            null => context.ErrorDescription,
            SecurityTokenMalformedException => "The token is not a well-formed JWT",
            SecurityTokenInvalidAlgorithmException => "The token's algorithm is not accepted",
            _ when context.ErrorDescription is { Length: > 0 } described => described,
            _ => "The token cannot be validated",
        };
        return Task.CompletedTask;
    }

    /// <summary>Without them nothing can be said about a token: not the client's fault. They are in memory as a rule.</summary>
    private static async ValueTask<OpenIdConnectConfiguration> FetchKeysAsync(MessageReceivedContext context)
    {
        var manager = context.Options.ConfigurationManager ?? throw new InvalidOperationException("No issuer is configured");
        try
        {
            return await manager.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException exception)
        {
            throw new StoreUnavailableException("The identity provider's keys cannot be fetched", exception);
        }
    }

    /// <summary>A token that is being checked, and the keys that were current when its check began.</summary>
    private sealed record Check(string Token, OpenIdConnectConfiguration Keys);
}
