using System.Diagnostics;
using System.Net;
using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>The agent's page over a staged camera, in this process.</summary>
internal sealed class WatchedPage : IDisposable
{
    private readonly Thread _thread;
    private readonly ServedPage _page;
    private readonly Watcher _watcher;
    private Exception? _failure;

    public WatchedPage(string address = ":0", StagedCamera? camera = null, int mostConnections = 100)
    {
        Camera = camera ?? new StagedCamera();
        Options = ServeOptions.Create(address, Folder.Path("token"), Folder.Path("frames")) with { MostConnections = mostConnections };
        _page = ServedPage.Open(Options, "stage", new Journal(Log, isJournal: false));
        Uri url = new(_page.Url);
        Url = new UriBuilder(url) { Host = "127.0.0.1", Query = "" }.Uri;
        Token = url.Query.Length == 0 ? null : url.Query[(url.Query.IndexOf('=') + 1)..];
        _watcher = new Watcher(Camera, new FrameClassifier(Model.Load(BrightestPixelModel.Write()), KernelPath.Default), new DecisionRules(Votes: 3), _page.Listeners);
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    public TemporaryFolder Folder { get; } = new();

    public SharedLog Log { get; } = new();

    public StagedCamera Camera { get; }

    public ServeOptions Options { get; }

    /// <summary>Without the token.</summary>
    public Uri Url { get; }

    public string? Token { get; }

    public HttpClient Http { get; }

    public WatchRecord Record => _page.Record;

    /// <summary>Asks for a path; with headers.</summary>
    public HttpResponseMessage Send(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Http.Send(request, TestContext.Current.CancellationToken);
    }

    public HttpStatusCode Status(string path, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage answer = Send(HttpMethod.Get, path, headers);
        return answer.StatusCode;
    }

    public static string Text(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    /// <summary>Waits until something is so; fails when it is not within a while.</summary>
    public static void Until(Func<bool> isSo, string what, int seconds = 60)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); !isSo();)
        {
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"not within {seconds} s: {what}");
            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        Camera.HasEnded = true;
        _thread.Join();
        _page.Dispose();
        _watcher.Dispose();
        Folder.Dispose();
        Assert.Null(_failure);
    }

    private void Watch()
    {
        try
        {
            _watcher.Run();
        }
        catch (Exception error)
        {
            _failure = error;
        }
    }
}
