using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>Servers and lines that fail, and servers that mean harm.</summary>
public sealed class FleetFaultTests
{
    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_broke()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package(300_000);
        ConcurrentQueue<string> ranges = [];
        long kept = 0;
        rig.Server.Fault = async context =>
        {
            if (!context.Request.Path.Value!.Contains("artifacts"))
            {
                return false;
            }

            ranges.Enqueue(context.Request.Headers.Range.ToString());
            if (ranges.Count > 1)
            {
                kept = rig.Incoming.Sum(file => new FileInfo(file).Length);
                return false;
            }

            context.Response.ContentLength = package.Bytes.Length;
            await context.Response.Body.WriteAsync(package.Bytes.AsMemory(0, 120_000));
            await context.Response.Body.FlushAsync();
            await rig.Until(() => rig.Incoming.Any(file => new FileInfo(file).Length > 0));
            context.Abort();
            return true;
        };
        rig.Target.Assign(new StandInAction("1", package));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "1");
        // What has not arrived before the end is lost with the connection.
        Assert.InRange(kept, 1, 120_000);
        Assert.Equal(["", $"bytes={kept}-"], ranges);
        Assert.Equal([package.Sha256], rig.Gate.Given);
    }

    [Fact]
    public async Task Half_a_file_stays_for_the_agent_that_is_started_next()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package(100_000);
        string incoming = Path.Combine(rig.Settings.Folder, "incoming");
        Directory.CreateDirectory(incoming);
        File.WriteAllBytes(Path.Combine(incoming, package.Sha256 + ".ecpkg.part"), package.Bytes[..70_000]);
        File.WriteAllBytes(Path.Combine(incoming, new string('a', 64) + ".ecpkg.part"), new byte[5]);
        string range = "";
        rig.Server.Fault = context =>
        {
            range += context.Request.Headers.Range.ToString();
            return Task.FromResult(false);
        };
        rig.Target.Assign(new StandInAction("2", package));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "2");
        Assert.Equal("bytes=70000-", range);
    }

    [Theory]
    [InlineData(StatusCodes.Status503ServiceUnavailable, "bytes=70000-")]
    [InlineData(StatusCodes.Status429TooManyRequests, "bytes=70000-")]
    [InlineData(StatusCodes.Status416RangeNotSatisfiable, "")]
    public async Task Half_a_file_outlasts_an_error_of_the_server_and_the_pause_it_asks_for_unless_the_half_is_the_error(int status, string next)
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Server.Skew = TimeSpan.FromDays(-300);
        StandInArtifact package = FleetRig.Package(100_000);
        string incoming = Path.Combine(rig.Settings.Folder, "incoming");
        Directory.CreateDirectory(incoming);
        File.WriteAllBytes(Path.Combine(incoming, package.Sha256 + ".ecpkg.part"), package.Bytes[..70_000]);
        ConcurrentQueue<(string Range, DateTimeOffset Time)> asked = [];
        rig.Server.Fault = context =>
        {
            if (!context.Request.Path.Value!.Contains("artifacts"))
            {
                return Task.FromResult(false);
            }

            asked.Enqueue((context.Request.Headers.Range.ToString(), DateTimeOffset.UtcNow));
            if (asked.Count > 1)
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = (DateTimeOffset.UtcNow + rig.Server.Skew + TimeSpan.FromSeconds(2)).ToString("R", CultureInfo.InvariantCulture);
            return Task.FromResult(true);
        };
        rig.Target.Assign(new StandInAction("16", package));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "16");
        Assert.Equal(["bytes=70000-", next], asked.Select(one => one.Range));
        Assert.True(asked.Last().Time - asked.First().Time > TimeSpan.FromSeconds(0.95));
    }

    [Fact]
    public async Task A_file_of_another_hash_never_reaches_the_gate()
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package();
        rig.Target.Assign(new StandInAction("3", package with { Bytes = RandomNumberGenerator.GetBytes(package.Bytes.Length) }));
        rig.Run();
        await rig.Until(() => rig.Log.Contains($"expected {package.Sha256}; it begins again"));
        rig.Target.Assign(new StandInAction("3", package));
        await rig.Until(() => rig.Target.Installed == "3");
        Assert.Equal([package.Sha256], rig.Gate.Given);
    }

    [Fact]
    public async Task A_file_that_never_is_the_right_one_is_given_up_and_reported()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Settings = rig.Settings with { FirstPause = TimeSpan.FromTicks(1) };
        StandInArtifact package = FleetRig.Package(100);
        rig.Target.Assign(new StandInAction("4", package with { Bytes = new byte[100] }));
        rig.Run();
        await rig.Until(() => rig.Target.End is not null);
        Assert.StartsWith("Given up after 20 tries. The download has the SHA-256", rig.Target.End!.Details);
        Assert.Empty(rig.Gate.Given);
    }

    [Fact]
    public async Task A_disk_that_stays_full_is_given_up_and_reported()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Settings = rig.Settings with { FirstPause = TimeSpan.FromTicks(1) };
        rig.Gate.Fails = new IOException("No space left on device");
        rig.Target.Assign(new StandInAction("18", FleetRig.Package(100)));
        rig.Run();
        await rig.Until(() => rig.Target.End is not null);
        Assert.Equal("failure", rig.Target.End!.Finished);
        Assert.Equal("Given up after 20 tries. No space left on device", rig.Target.End.Details);
        Assert.Equal(20, rig.Gate.Given.Count);
    }

    [Fact]
    public async Task A_body_without_end_is_read_no_further_than_was_announced()
    {
        await using FleetRig rig = await FleetRig.Start();
        long sent = 0;
        rig.Server.Fault = async context =>
        {
            if (!context.Request.Path.Value!.Contains("artifacts"))
            {
                return false;
            }

            byte[] block = new byte[100_000];
            while (!context.RequestAborted.IsCancellationRequested && sent < 1_000_000_000)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
                Interlocked.Add(ref sent, block.Length);

                // writes to a connection that is gone return at once until that is told; they are not to add up meanwhile
                await Task.Delay(TimeSpan.FromMilliseconds(1), context.RequestAborted);
            }

            return true;
        };
        rig.Target.Assign(new StandInAction("5", FleetRig.Package(40_000)));
        rig.Run();
        await rig.Until(() => rig.Log.Contains("more bytes than the 40000 that were announced"));
        Assert.All(rig.Incoming, file => Assert.True(new FileInfo(file).Length <= 40_000));
        Assert.True(sent < 500_000_000);
        Assert.Empty(rig.Gate.Given);
    }

    [Theory]
    [InlineData(2_000_000_000, "has 2000000000 bytes, expected 1 to 1000000")]
    [InlineData(-5, "has -5 bytes")]
    public async Task A_size_that_is_absurd_is_refused_before_a_byte_is_fetched(long size, string why)
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Target.Assign(new StandInAction("6", FleetRig.Package() with { Size = size }));
        rig.Run();
        await rig.Until(() => rig.Target.End is not null);
        Assert.Contains(why, rig.Target.End!.Details);
        Assert.Equal(["failure"], rig.Words);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("../../../../etc/cron.d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Without_a_digest_or_with_a_path_in_its_place_nothing_is_fetched(string digest)
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Target.Assign(new StandInAction("7", FleetRig.Package() with { Sha256 = digest }));
        rig.Run();
        await rig.Until(() => rig.Target.End is not null);
        Assert.StartsWith("The server gives no SHA-256", rig.Target.End!.Details);
        Assert.Empty(rig.Incoming);
    }

    [Theory]
    [InlineData("../../../../tmp/x.ecpkg")]
    [InlineData("/etc/passwd.ecpkg")]
    [InlineData("a\u001b[2J\nb.ecpkg")]
    [InlineData("..\\..\\x.ecpkg")]
    public async Task The_servers_name_for_a_file_is_no_path_here(string name)
    {
        await using FleetRig rig = await FleetRig.Start();
        StandInArtifact package = FleetRig.Package() with { Name = name, Link = "fetched" };
        rig.Server.Fault = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/fetched"))
            {
                return false;
            }

            await context.Response.Body.WriteAsync(package.Bytes);
            return true;
        };
        rig.Target.Assign(new StandInAction("8", package));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "8");
        rig.StopAgent();   // which writes down that it has told so
        Assert.Equal(["fleet.json", "incoming"], Directory.GetFileSystemEntries(rig.Settings.Folder).Select(Path.GetFileName).Order());
        Assert.Equal([rig.Settings.Folder], Directory.GetFileSystemEntries(rig.Folder.Root));
        Assert.DoesNotContain('\u001b', rig.Log);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("1?a=b")]
    [InlineData("")]
    public async Task An_actions_id_becomes_part_of_no_other_address(string id)
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Server.Fault = async context =>
        {
            if (!context.Request.Path.Value!.Contains("deploymentBase"))
            {
                return false;
            }

            await context.Response.WriteAsJsonAsync(new { id, deployment = new { download = "forced", update = "forced", chunks = Array.Empty<int>() } });
            return true;
        };
        rig.Target.Assign(new StandInAction("9", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Log.Contains("expected letters and digits"));
        Assert.Empty(rig.Target.Feedback);
        Assert.Empty(rig.Server.Complaints);
    }

    [Fact]
    public async Task Links_and_redirections_to_other_machines_are_not_followed_and_the_token_stays()
    {
        await using FleetRig rig = await FleetRig.Start();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string elsewhere = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        rig.Server.LinkBase = elsewhere;
        rig.Run();
        await rig.Until(() => rig.Log.Contains($"leads to {elsewhere}, expected"));
        rig.Server.LinkBase = null;
        rig.Target.Assign(new StandInAction("10", FleetRig.Package() with { Link = elsewhere + "/x.ecpkg" }));
        await rig.Until(() => rig.Target.End is not null);
        Assert.Contains("name it in downloads-from", rig.Target.End!.Details);
        int before = rig.Log.Length;
        rig.Server.Fault = context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = elsewhere + "/DEFAULT/controller/v1/door";
            return Task.FromResult(true);
        };
        await rig.Until(() => rig.Log[before..].Contains($"leads to {elsewhere}, expected"));
        Assert.False(other.Pending());
    }

    [Fact]
    public async Task A_redirection_to_the_server_itself_is_followed_but_not_in_circles()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Server.Fault = context =>
        {
            if (!context.Request.Path.Value!.Contains("artifacts") || context.Request.Query.ContainsKey("moved"))
            {
                return Task.FromResult(false);
            }

            context.Response.Redirect(context.Request.Path + "?moved=1", permanent: false, preserveMethod: true);
            return Task.FromResult(true);
        };
        rig.Target.Assign(new StandInAction("11", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "11");
        rig.Server.Fault = context =>
        {
            context.Response.Redirect("/round");
            return Task.FromResult(true);
        };
        await rig.Until(() => rig.Log.Contains("a redirection, the 4th in a row"));
    }

    [Fact]
    public async Task A_message_that_is_huge_deep_or_no_JSON_is_refused_and_the_agent_goes_on()
    {
        await using FleetRig rig = await FleetRig.Start();
        Queue<string> answers = new([
            "{\"config\":\"" + new string('x', 3_000_000) + "\"}",
            string.Concat(Enumerable.Repeat("{\"_links\":", 5000)),
            "<html>Bad gateway</html>",
            "{\"_links\":[1,2,3]}",
            "null",
            "",
        ]);
        int given = 0;
        rig.Server.Fault = async context =>
        {
            if (!answers.TryDequeue(out string? answer))
            {
                return false;
            }

            given++;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer));
            return true;
        };
        rig.Target.Assign(new StandInAction("12", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "12");
        Assert.Equal(6, given);
        Assert.Contains("answered more than 256 KB", rig.Log);
        Assert.Contains("something that is no message of this API", rig.Log);
    }

    [Fact]
    public async Task Errors_of_the_server_are_waited_out_and_said_once()
    {
        await using FleetRig rig = await FleetRig.Start();
        int errors = 0;
        rig.Server.Fault = context =>
        {
            bool fails = Interlocked.Increment(ref errors) <= 4;
            context.Response.StatusCode = fails ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
            return Task.FromResult(fails);
        };
        rig.Target.Assign(new StandInAction("13", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "13");
        Assert.Equal(2, rig.Log.Split("answered 500").Length);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_pause_gets_it()
    {
        await using FleetRig rig = await FleetRig.Start();
        ConcurrentQueue<DateTimeOffset> asked = [];
        rig.Server.Fault = context =>
        {
            asked.Enqueue(DateTimeOffset.UtcNow);
            if (asked.Count > 1)
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "1";
            return Task.FromResult(true);
        };
        rig.Run();
        await rig.Until(() => asked.Count >= 2);
        Assert.True(asked.Skip(1).First() - asked.First() > TimeSpan.FromSeconds(0.95));
    }

    [Fact]
    public async Task The_time_that_is_told_is_the_servers_however_wrong_the_boards_clock_is()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Server.Skew = TimeSpan.FromDays(20_000);
        rig.Target.Assign(new StandInAction("14", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "14");
        Assert.All(rig.Target.Feedback, said => Assert.InRange((said.Time - DateTimeOffset.UtcNow - rig.Server.Skew).TotalMinutes, -10, 10));
    }

    [Fact]
    public async Task A_wrong_token_is_said_with_what_to_look_at()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Settings = rig.Settings with { Authorization = new("TargetToken", "wrong") };
        rig.Run();
        await rig.Until(() => rig.Log.Contains("answered 401 Unauthorized. It does not let 'door' in: look at token or certificate in [fleet]"));
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_says_nothing_is_given_up()
    {
        await using FleetRig rig = await FleetRig.Start();
        rig.Settings = rig.Settings with { Limit = TimeSpan.FromMilliseconds(300) };
        rig.Server.Fault = async context =>
        {
            await Task.Delay(3000, context.RequestAborted).ContinueWith(_ => { });
            return true;
        };
        rig.Run();
        await rig.Until(() => rig.Log.Contains("did not answer in 0.3 s"));
    }

    [Fact]
    public async Task By_its_certificate_a_board_is_let_in_and_knows_its_server_by_the_authority_that_is_named()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = Certificate("localhost", key);
        using X509Certificate2 server = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 board = Certificate("door", own);
        await using FleetRig rig = await FleetRig.Start(server);
        Uri address = new UriBuilder(rig.Server.Address) { Host = "localhost" }.Uri;
        rig.Server.LinkBase = address.ToString().TrimEnd('/');
        rig.Settings = rig.Settings with { Server = address, Authorization = null, Certificate = board };
        rig.Run();
        await rig.Until(() => rig.Log.Contains("fleet: https://localhost"));
        Assert.Empty(rig.Target.Polls);
        rig.StopAgent();
        rig.Settings = rig.Settings with { Authority = [X509CertificateLoader.LoadCertificate(server.RawData)] };
        rig.Target.Assign(new StandInAction("15", FleetRig.Package()));
        rig.Run();
        await rig.Until(() => rig.Target.Installed == "15");
    }

    private static X509Certificate2 Certificate(string name, ECDsa key)
    {
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
