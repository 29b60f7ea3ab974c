using EdgeConv.Agent.Configuring;

namespace EdgeConv.Agent;

/// <summary>Reads a configuration without running it.</summary>
internal static class CheckCommand
{
    /// <summary>check [MODEL] --config FILE.</summary>
    /// <exception cref="ConfigurationException">The file makes no sense.</exception>
    public static void Execute(Arguments arguments, TextWriter output)
    {
        string file = arguments.Option("--config") ?? throw new UsageException("check needs --config FILE.");
        AgentSettings settings = AgentSettings.Read(file, arguments.AtMostOneModel());
        output.WriteLine($"{file}: no mistakes, {settings.Rules.Count} {(settings.Rules.Count == 1 ? "rule" : "rules")}");
    }
}
