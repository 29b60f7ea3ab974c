using System.Runtime.InteropServices;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent.Fleet;

/// <summary>What a server is told about the board, so that it can choose who gets what.</summary>
internal static class BoardAttributes
{
    // hawkBit keeps so much of a value.
    private const int Longest = 128;

    /// <summary>The attributes, the configuration's over the board's own.</summary>
    public static IReadOnlyDictionary<string, string> Read(IUpdateGate gate, KernelPath path, IReadOnlyList<KeyValuePair<string, string>> own, string root = "/")
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["agent"] = AgentVersion.Text,
            ["kernel-path"] = path.Name,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            ["os"] = RuntimeInformation.OSDescription,
        };
        if (Board(root) is { Length: > 0 } board)
        {
            all["board"] = board;
        }

        if (gate.Status().Current is { } package)
        {
            (all["model"], all["model-version"], all["model-sha256"]) = (package.Name, $"{package.Version}", package.ModelHash);
        }

        foreach ((string key, string value) in own)
        {
            all[key] = value;
        }

        return all.ToDictionary(pair => pair.Key, pair => pair.Value.Length <= Longest ? pair.Value : pair.Value[..Longest]);
    }

    /// <summary>"Raspberry Pi 3 Model B Rev 1.2"; null on a PC.</summary>
    private static string? Board(string root)
    {
        string file = Path.Combine(root, "proc", "device-tree", "model");
        return File.Exists(file) ? File.ReadAllText(file).Trim('\0', '\n', ' ') : null;
    }
}
