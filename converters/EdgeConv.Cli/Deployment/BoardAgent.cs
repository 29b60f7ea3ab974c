using System.Buffers.Binary;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Deployment;

/// <summary>The native edgeconv-agent for a board's processor.</summary>
internal static class BoardAgent
{
    private const int MachineOffset = 18;
    private const int X64 = 62;
    private const int Arm64 = 183;

    /// <summary>The one that was given, the packaged one, or one that is built in the checkout.</summary>
    /// <param name="given">--agent, or null.</param>
    /// <param name="architecture">As uname -m says it.</param>
    /// <param name="host">For messages.</param>
    /// <param name="terminal">Told that it may take a while.</param>
    /// <param name="cancel">Ends the build.</param>
    /// <exception cref="FailureException">There is none, or it is for another processor.</exception>
    public static string Find(string? given, string architecture, string host, Terminal terminal, CancellationToken cancel)
    {
        (string name, int machine) = architecture switch
        {
            "aarch64" or "arm64" => ("linux-arm64", Arm64),
            "x86_64" => ("linux-x64", X64),
            "armv6l" or "armv7l" or "armv8l" => throw new FailureException(
                $"{host} runs a 32-bit system ({architecture}); the agent is a 64-bit program. Install the 64-bit Raspberry Pi OS (Zero 2 W, 3 and later)."),
            _ => throw new FailureException($"{host} is a {architecture}; there are agents for aarch64 and x86_64."),
        };
        string agent = given ?? Build(name, terminal, cancel);
        int found = Machine(agent);
        return found == machine ? agent : throw new FailureException(found switch
        {
            Arm64 => $"{agent} is for aarch64, and {host} is {architecture}.",
            X64 => $"{agent} is for x86_64, and {host} is {architecture}.",
            _ => $"{agent} is no program for 64-bit Linux. `dotnet publish edge-runtime/EdgeConv.Agent -c Release -r {name}` makes one.",
        });
    }

    private static string Build(string name, Terminal terminal, CancellationToken cancel)
    {
        if (Kit.Root() is not { } root)
        {
            throw new FailureException($"there is no agent here to copy. Give one: --agent FILE (an edgeconv-agent for {name}).");
        }

        terminal.Note($"the agent for {name} (half a minute where it has to be built)");
        (string? agent, string problem) = Kit.BoardProgram(root, name, cancel);
        return agent ?? throw new FailureException($"the agent for {name} cannot be built: {problem}. Or give one: --agent FILE.");
    }

    /// <summary>The processor that an ELF file is for; 0 where it is none of 64 bits.</summary>
    private static int Machine(string file)
    {
        Span<byte> head = stackalloc byte[MachineOffset + 2];
        using FileStream stream = File.OpenRead(file);
        bool isElf64 = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.StartsWith("\x7F"u8)
            && head[1..4].SequenceEqual("ELF"u8) && head[4] == 2;
        return isElf64 ? BinaryPrimitives.ReadUInt16LittleEndian(head[MachineOffset..]) : 0;
    }
}
