using Microsoft.AspNetCore.Http;

namespace EdgeConv.Agent.Serving;

/// <summary>Who may come in. Null for a token means that only this machine can reach the page.</summary>
internal sealed class Gate(AccessToken? token, int port)
{
    /// <summary>What the page's own requests carry and a form or picture of another site cannot.</summary>
    public const string OwnHeader = "X-EdgeConv";

    private const string Parameter = "token";

    private string CookieName => $"edgeconv-{port}";

    /// <summary>Answers those who may not, and those who come with the token in the address.</summary>
    /// <returns>Whether the request goes on.</returns>
    public bool Admit(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (token is null && !IsOwnName(request.Host.Host))
        {
            // Another site's name that was made to point here (DNS rebinding) would make its pages ours.
            return Refuse(context, StatusCodes.Status421MisdirectedRequest, "This page answers to localhost and 127.0.0.1 only.");
        }

        if (HttpMethods.IsPost(request.Method) && !IsOwnPost(request))
        {
            return Refuse(context, StatusCodes.Status403Forbidden, "Posts come from the page itself.");
        }

        // Says "ok" or not, and nothing else: whoever watches over the board need not hold the token.
        if (token is null || request.Path == "/healthz")
        {
            return true;
        }

        if (request.Cookies[CookieName] is { } cookie && token.Is(cookie))
        {
            return true;
        }

        string authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && token.Is(authorization.AsSpan("Bearer ".Length).Trim()))
        {
            return true;
        }

        return AdmitByAddress(context, token);
    }

    private static bool IsOwnName(string host) =>
        host is "127.0.0.1" or "[::1]" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsOwnPost(HttpRequest request)
    {
        string site = request.Headers["Sec-Fetch-Site"].ToString(), origin = request.Headers.Origin.ToString();
        return request.Headers.ContainsKey(OwnHeader) && site is ("" or "same-origin")
            && (origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}");
    }

    private static bool Refuse(HttpContext context, int status, string why)
    {
        Answers.Text(context, status, why);
        return false;
    }

    /// <summary>The first visit: the token moves from the address, which is kept and shown, into a cookie.</summary>
    private bool AdmitByAddress(HttpContext context, AccessToken token)
    {
        HttpRequest request = context.Request;
        string given = request.Query[Parameter].ToString();
        if (given.Length == 0 || !token.Is(given))
        {
            return Refuse(context, StatusCodes.Status401Unauthorized,
                "A token is needed. The agent prints the address that has it when it starts; programs send it as 'Authorization: Bearer TOKEN'.");
        }

        if (request.Path != "/")
        {
            return true;
        }

        context.Response.Cookies.Append(CookieName, given, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Path = "/",
            MaxAge = TimeSpan.FromDays(365),
        });
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
        return false;
    }
}
