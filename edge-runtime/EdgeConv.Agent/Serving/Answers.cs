using System.Text;
using Microsoft.AspNetCore.Http;

namespace EdgeConv.Agent.Serving;

/// <summary>Whole answers, and the headers that all of them have.</summary>
internal static class Answers
{
    /// <summary>Nothing from elsewhere runs in the page, nobody frames it, nothing is kept, and no address is told to others.</summary>
    public static void Harden(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = "no-store";
    }

    /// <summary>A sentence for people.</summary>
    public static void Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        Body(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));
    }

    /// <summary>An answer that is there as a whole. HEAD gets its headers.</summary>
    public static void Body(HttpContext context, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            bytes.Span.CopyTo(context.Response.BodyWriter.GetSpan(bytes.Length));
            context.Response.BodyWriter.Advance(bytes.Length);
        }
    }
}
