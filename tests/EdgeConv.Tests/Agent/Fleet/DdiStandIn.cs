using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>
/// The device side of an update server, written from the public description of hawkBit's Direct Device Integration API: poll, configData,
/// deploymentBase, cancelAction, feedback and downloads with ranges. It is as strict as that description, and does wrong only what a test asks for.
/// </summary>
internal sealed class DdiStandIn : IAsyncDisposable
{
    public const string Token = "bH7XXAprK1ChnLfKSdtlsp7NOlPnZAYY";

    private static readonly string[] _executions = ["closed", "proceeding", "canceled", "scheduled", "rejected", "resumed", "download", "downloaded"];
    private readonly WebApplication _app;

    private DdiStandIn(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, DdiTarget> Targets { get; } = new();

    /// <summary>What it complained about: an agent that keeps to the API gives no reason to.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Answers in the server's place; false to let it answer.</summary>
    public Func<HttpContext, Task<bool>> Fault { get; set; } = _ => Task.FromResult(false);

    /// <summary>The server's clock beside the board's.</summary>
    public TimeSpan Skew { get; set; }

    public string Sleep { get; set; } = "00:00:01";

    /// <summary>Where its links lead; null for itself.</summary>
    public string? LinkBase { get; set; }

    public Uri Address { get; private set; } = null!;

    public static async Task<DdiStandIn> Start(X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AllowSynchronousIO = true;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate, https =>
                    {
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.ClientCertificateValidation = (_, _, _) => true;
                    });
                }
            });
        });
        DdiStandIn server = new(builder.Build());
        server._app.Run(server.Answer);
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Urls.Single());
        return server;
    }

    public DdiTarget Target(string id) => Targets.GetOrAdd(id, _ => new DdiTarget());

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        context.Response.Headers.Date = (DateTimeOffset.UtcNow + Skew).ToString("R", CultureInfo.InvariantCulture);
        if (await Fault(context))
        {
            return;
        }

        // /TENANT/controller/v1/ID[/RESOURCE[/ACTION[/feedback]]]
        string[] parts = context.Request.Path.Value!.Trim('/').Split('/');
        if (parts.Length < 4 || parts[0] != "DEFAULT" || parts[1] != "controller" || parts[2] != "v1")
        {
            await Complain(context, 404, "no such address");
            return;
        }

        DdiTarget target = Target(Uri.UnescapeDataString(parts[3]));
        bool isCertified = context.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, false) == parts[3];
        if (context.Request.Headers.Authorization.ToString() is not ("TargetToken " + Token or "GatewayToken " + Token) && !isCertified)
        {
            context.Response.StatusCode = 401;
            return;
        }

        Task answer = (context.Request.Method, parts[4..]) switch
        {
            ("GET", []) => Poll(context, target, parts[3]),
            ("PUT", ["configData"]) => ReadAttributes(context, target),
            ("GET", ["deploymentBase", var id]) when target.Action?.Id == id && !target.IsCancelling => Deployment(context, target.Action, parts[3]),
            ("GET", ["cancelAction", var id]) when target.Action?.Id == id && target.IsCancelling =>
                context.Response.WriteAsJsonAsync(new { id, cancelAction = new { stopId = id } }),
            ("POST", ["deploymentBase" or "cancelAction", var id, "feedback"]) => ReadFeedback(context, target, parts[4], id),
            ("GET", ["softwaremodules", "1", "artifacts", var name]) => Download(context, target, Uri.UnescapeDataString(name)),
            _ => Complain(context, 404, "not here"),
        };
        await answer;
    }

    private Task Poll(HttpContext context, DdiTarget target, string id)
    {
        target.Polls.Enqueue(DateTimeOffset.UtcNow);
        string root = $"{LinkBase ?? Address.ToString().TrimEnd('/')}/DEFAULT/controller/v1/{id}";
        Dictionary<string, object> links = [];
        if (target.Attributes is null)
        {
            links["configData"] = new { href = $"{root}/configData" };
        }

        if (target.Action is { } action)
        {
            links[target.IsCancelling ? "cancelAction" : "deploymentBase"] =
                new { href = target.IsCancelling ? $"{root}/cancelAction/{action.Id}" : $"{root}/deploymentBase/{action.Id}?c=-2127183556" };
        }

        return context.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["config"] = new { polling = new { sleep = Sleep } }, ["_links"] = links });
    }

    private Task Deployment(HttpContext context, StandInAction action, string id)
    {
        string root = $"{LinkBase ?? Address.ToString().TrimEnd('/')}/DEFAULT/controller/v1/{id}/softwaremodules/1/artifacts";
        var artifacts = action.Artifacts.Select(artifact => new Dictionary<string, object>
        {
            ["filename"] = artifact.Name,
            ["hashes"] = new { sha1 = new string('0', 40), md5 = new string('0', 32), sha256 = artifact.Sha256 },
            ["size"] = artifact.Size,
            ["_links"] = new Dictionary<string, object>
            {
                ["download-http"] = new { href = artifact.Link ?? $"{root}/{Uri.EscapeDataString(artifact.Name)}" },
                ["md5sum-http"] = new { href = $"{root}/{Uri.EscapeDataString(artifact.Name)}.MD5SUM" },
            },
        });
        Dictionary<string, object> deployment = new()
        {
            ["download"] = action.Download,
            ["update"] = action.Update,
            ["chunks"] = new[] { new { part = "bApp", version = "1.0", name = "model", artifacts } },
        };
        if (action.MaintenanceWindow is { } window)
        {
            deployment["maintenanceWindow"] = window;
        }

        return context.Response.WriteAsJsonAsync(new { id = action.Id, deployment, actionHistory = new { status = "RUNNING", messages = Array.Empty<string>() } });
    }

    private async Task ReadAttributes(HttpContext context, DdiTarget target)
    {
        using JsonDocument json = await JsonDocument.ParseAsync(context.Request.Body);
        Dictionary<string, string> data = json.RootElement.GetProperty("data").EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString()!);
        if (json.RootElement.GetProperty("mode").GetString() is not ("merge" or "replace" or "remove") || data.Any(pair => pair.Key.Length > 128 || pair.Value.Length > 128))
        {
            await Complain(context, 400, "attributes");
            return;
        }

        target.Attributes = data;
    }

    private async Task ReadFeedback(HttpContext context, DdiTarget target, string resource, string id)
    {
        using JsonDocument json = await JsonDocument.ParseAsync(context.Request.Body);
        JsonElement status = json.RootElement.GetProperty("status");
        string execution = status.GetProperty("execution").GetString()!, finished = status.GetProperty("result").GetProperty("finished").GetString()!;
        string[] details = [.. status.GetProperty("details").EnumerateArray().Select(detail => detail.GetString()!)];
        if (context.Request.ContentType != "application/json" || !_executions.Contains(execution) || finished is not ("success" or "failure" or "none")
            || details.Length > 50 || details.Any(detail => detail.Length > 512)
            || !DateTimeOffset.TryParse(json.RootElement.GetProperty("time").GetString(), CultureInfo.InvariantCulture, out DateTimeOffset time))
        {
            await Complain(context, 400, json.RootElement.ToString());
            return;
        }

        context.Response.StatusCode = target.Take(new StandInFeedback(resource, id, execution, finished, string.Join('\n', details), time)) ? 200 : 410;
    }

    private static Task Download(HttpContext context, DdiTarget target, string name)
    {
        StandInArtifact? artifact = target.Action?.Artifacts.FirstOrDefault(artifact => artifact.Name == name);
        return artifact is null ? Results.NotFound().ExecuteAsync(context)
            : Results.Bytes(artifact.Bytes, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context);
    }

    private Task Complain(HttpContext context, int status, string about)
    {
        Complaints.Enqueue($"{context.Request.Method} {context.Request.Path}: {about}");
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { errorCode = "hawkbit.server.error", message = about });
    }
}
