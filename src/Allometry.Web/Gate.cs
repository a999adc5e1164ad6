using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Allometry.Web;

/// <summary>
/// Who gets in: requests to this very address (a name that some other site points here is refused), not sent by another site's page, with the token of this start of the program.
/// Every answer carries a policy by which the browser runs no script but the page's own files and talks to nobody else.
/// </summary>
public sealed class Gate
{
    /// <summary>plotly.js sets styles of elements, which a policy can only allow as a whole; there is no markup of ours that a text could get a style into.</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const int TokenBytes = 32;

    /// <summary>Such as http://127.0.0.1:8642; known once the server listens.</summary>
    public string Address { get; set; } = "";

    public string Token { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (!IsOwnHost(request) || !IsOwnOrigin(request)) await Refuse(context, StatusCodes.Status403Forbidden, "This page answers only to itself, at its own address.");
        else if (request.Path == "/" && IsToken(request.Query["token"])) Admit(context);
        else if (!IsToken(request.Cookies[CookieName(request)])) await Refuse(context, StatusCodes.Status401Unauthorized, "Open the address that `allometry serve` has printed: it holds the token that lets you in.");
        else await next(context);
    }

    /// <summary>The token leaves the address bar, and with it the browser's history.</summary>
    private void Admit(HttpContext context)
    {
        context.Response.Cookies.Append(CookieName(context.Request), Token, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        context.Response.Redirect("/");
    }

    private static Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why);
    }

    // Cookies know no ports: two pages must not throw each other out.
    private static string CookieName(HttpRequest request) => $"allometry-{request.HttpContext.Connection.LocalPort}";

    private static bool IsOwnHost(HttpRequest request) =>
        request.Host.Port == request.HttpContext.Connection.LocalPort && request.Host.Host is "127.0.0.1" or "localhost";

    /// <summary>A browser says with every request that changes something which page it comes from; what says nothing may only read.</summary>
    private static bool IsOwnOrigin(HttpRequest request)
    {
        var (origin, site) = (request.Headers.Origin.ToString(), request.Headers["Sec-Fetch-Site"].ToString());
        if (site is not ("" or "same-origin" or "none")) return false;
        return HttpMethods.IsGet(request.Method) ? origin.Length == 0 || origin == Own(request) : origin == Own(request) && request.HasJsonContentType();
    }

    private static string Own(HttpRequest request) => $"http://{request.Host}";

    private bool IsToken(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Token));
}
