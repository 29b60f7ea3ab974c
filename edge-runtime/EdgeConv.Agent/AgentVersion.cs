namespace EdgeConv.Agent;

/// <summary>This program's version, as --version prints it.</summary>
internal static class AgentVersion
{
    public static string Text { get; } = AgentProgram.Version.ToString(3);
}
