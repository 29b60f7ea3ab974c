using System.Reflection;
using System.Text.RegularExpressions;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>SECURITY.md names tests: they exist.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_is_there()
    {
        HashSet<string> known = [.. typeof(SecurityPageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public)
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name))];
        string[] named = [.. TestName().Matches(File.ReadAllText(RepositoryFolder.Path("SECURITY.md"))).Select(match => match.Groups[1].Value)];
        Assert.True(named.Length > 20, $"only {named.Length} tests are named");
        Assert.Equal([], named.Except(known));
    }

    [GeneratedRegex(@"`(?:\w+\.)?([A-Z]\w+_\w+_\w+)`")]
    private static partial Regex TestName();
}
