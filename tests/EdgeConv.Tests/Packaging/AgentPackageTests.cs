namespace EdgeConv.Tests.Packaging;

/// <summary>The board's program out of what pack.sh builds, in an empty folder: here, and on an emulated Raspberry Pi's processor.</summary>
[Collection(nameof(ShippedPackages))]
public sealed class AgentPackageTests(ShippedPackages packages)
{
    private const string Pi3 = "qemu-aarch64 -cpu cortex-a53 -L /usr/aarch64-linux-gnu", Pi4 = "qemu-aarch64 -cpu cortex-a72 -L /usr/aarch64-linux-gnu";

    [Theory]
    [InlineData("linux-x64", "")]
    [InlineData("linux-arm64", Pi3)]
    public void A_tarball_unpacks_to_a_program_its_manual_its_licence_and_an_example(string runtime, string processor)
    {
        packages.Ready();
        string name = $"edgeconv-agent-{packages.Version}-{runtime}";
        packages.Do($"tar -xf {packages.Feed}/{name}.tar.gz");
        Assert.Equal("644 AGENT.md\n644 LICENSE\n644 agent.toml\n755 edgeconv-agent\n", packages.Do("stat -c '%a %n' *", name));
        Classifies($"{processor} {name}/edgeconv-agent");
    }

    [Theory]
    [InlineData("amd64", "")]
    [InlineData("arm64", Pi4)]
    public void The_program_of_a_Debian_package_is_the_same_for_its_processor(string architecture, string processor)
    {
        packages.Ready();
        Assert.SkipWhen(!File.Exists("/usr/bin/dpkg-deb"), "no dpkg-deb here");
        packages.Do($"dpkg-deb -x {packages.Feed}/edgeconv-agent_{packages.Version}_{architecture}.deb {architecture}");
        Classifies($"{processor} {architecture}/usr/bin/edgeconv-agent");
    }

    private void Classifies(string agent)
    {
        string digits = RepositoryFolder.Path("templates", "EdgeConv.Templates", "digits");
        Assert.Equal(packages.Version, packages.Do($"{agent} --version").Trim());
        packages.Do($"{agent} selftest {digits}/digits.ecm --path all");
        string[] said = packages.Do($"{agent} run {digits}/digits.ecm {digits}/pictures").TrimEnd().Split('\n');
        Assert.Equal(["1-seven.png  7", "2-two.png  2", "3-one.png  1"], said.Select(line => Path.GetFileName(line[..line.LastIndexOf("  ", StringComparison.Ordinal)])));
    }
}
