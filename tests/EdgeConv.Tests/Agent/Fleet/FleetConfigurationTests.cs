using System.Runtime.Versioning;
using EdgeConv.Agent;
using EdgeConv.Agent.Configuring;

namespace EdgeConv.Tests.Agent.Fleet;

/// <summary>[fleet] in agent.toml, and the files with its secrets.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FleetConfigurationTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_the_table_says_is_what_holds()
    {
        Secret("t", "abc123\n");
        FleetSettings fleet = Read("""
            server = "https://hawkbit.example:8443/update"
            tenant = "HOUSE"
            controller-id = "door-3"
            gateway-token-file = "t"
            downloads-from = ["files.example", "cdn.example:444", "[2001:db8::1]", "[2001:db8::1]:444"]
            most-megabytes = 7
            poll = "2 min"
            folder = "kept"
            attributes = { room = "kitchen" }
            """);
        Assert.Equal(("https://hawkbit.example:8443/update/", "HOUSE", "door-3"), (fleet.Server.ToString(), fleet.Tenant, fleet.Device));
        Assert.Equal("GatewayToken abc123", fleet.Authorization!.ToString());
        Assert.Equal((7_000_000, TimeSpan.FromMinutes(2), _folder.Path("kept")), (fleet.MostBytes, fleet.Poll, fleet.Folder));
        Assert.Equal(["files.example", "cdn.example:444", "[2001:db8::1]", "[2001:db8::1]:444"], fleet.DownloadHosts);
        Assert.Equal([new("room", "kitchen")], fleet.Attributes);
    }

    [Theory]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"open\"", "3:21: target-token-file: ", "may be read or written by others; chmod 600 it")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"empty\"", "3:21: target-token-file: ", "is empty")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"two\"", "3:21: target-token-file: ", "holds no token; expected one word")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"none\"", "3:21: target-token-file: ", "Could not find file")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\ngateway-token-file = \"t\"", "4:22: gateway-token-file: ", "there is a target-token-file too")]
    [InlineData("server = \"https://h\"", "1:2: 'fleet' lacks what lets this board in", "target-token-file, gateway-token-file, or certificate-file and key-file")]
    [InlineData("target-token-file = \"t\"", "1:2: 'fleet' lacks 'server'.", "")]
    [InlineData("server = \"http://h\"\ntarget-token-file = \"t\"", "2:10: server: over http everybody on the way reads the token.", "plain-http = true")]
    [InlineData("server = \"hawkbit\"\ntarget-token-file = \"t\"", "2:10: server: found \"hawkbit\", expected an address such as", "")]
    [InlineData("server = \"https://user:word@h\"\ntarget-token-file = \"t\"", "2:10: server: found", "")]
    [InlineData("server = \"https://h\"\ncontroller-id = \"a/b\"\ntarget-token-file = \"t\"", "3:17: controller-id: found \"a/b\"", "")]
    [InlineData("server = \"https://h\"\ncertificate-file = \"t\"", "3:20: certificate-file: certificate-file and key-file go together.", "")]
    [InlineData("server = \"https://h\"\ncertificate-file = \"t\"\nkey-file = \"t\"", "3:20: certificate-file: ", "")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\nauthority-file = \"t\"", "4:18: authority-file: ", "holds no certificate")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\npoll = \"1 s\"", "4:8: poll: expected 5 s to 24 h.", "")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\ndownloads-from = [\"a\", \"https://files.example/\"]", "4:24: downloads-from: found \"https://files.example/\", expected a host", "\"files.example\"")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\ndownloads-from = \"files.example:443\"", "4:18: downloads-from: found", "\"files.example\"")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\ndownloads-from = \"a b\"", "4:18: downloads-from: found \"a b\"", "\"files.example\"")]
    [InlineData("server = \"https://h\"\ntarget-token-file = \"t\"\nintervall = 3", "4:1: 'fleet' has no key 'intervall'", "")]
    public void A_mistake_is_said_by_check_with_its_place(string table, string message, string more)
    {
        Secret("t", "abc123");
        Secret("two", "abc 123");
        Secret("empty", "");
        Secret("open", "abc123", Private | UnixFileMode.OtherRead);
        string file = Write(table);
        StringWriter output = new(), error = new();
        Assert.Equal(2, AgentProgram.Run(["check", "--config", file], output, error));
        Assert.Contains(error.ToString().Split('\n'), line => line.StartsWith($"{file}:{message}", StringComparison.Ordinal) && line.Contains(more, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_slots_or_a_key_a_server_decides_nothing()
    {
        Secret("t", "abc123");
        File.WriteAllText(_folder.Path("agent.toml"), "[fleet]\nserver = \"https://h\"\ntarget-token-file = \"t\"\n");
        StringWriter error = new();
        Assert.Equal(2, AgentProgram.Run(["check", "--config", _folder.Path("agent.toml")], TextWriter.Null, error));
        Assert.Contains("'fleet' needs [update] slots, where its packages go.", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("'fleet' needs [update] key: without it whoever holds the server decides what runs here.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_that_systemd_hands_over_goes_before_the_file()
    {
        Secret("t", "mine");
        _folder.Write("credentials/t", "handed\n"u8.ToArray());
        File.SetUnixFileMode(_folder.Path("credentials", "t"), UnixFileMode.UserRead);
        Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", _folder.Path("credentials"));
        try
        {
            Assert.Equal("handed", Read("server = \"https://h\"\ntarget-token-file = \"t\"").Authorization!.Parameter);
        }
        finally
        {
            Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", null);
        }
    }

    private FleetSettings Read(string table) => AgentSettings.Read(Write(table)).Fleet!;

    private string Write(string table)
    {
        File.WriteAllText(_folder.Path("agent.toml"), "[fleet]\n" + table + "\nunsigned = true\n[update]\nslots = \"slots\"\n");
        return _folder.Path("agent.toml");
    }

    private void Secret(string name, string text, UnixFileMode mode = Private)
    {
        File.WriteAllText(_folder.Path(name), text);
        File.SetUnixFileMode(_folder.Path(name), mode);
    }
}
