using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeConv.BenchNetworks;

namespace EdgeConv.Arm64Bench;

/// <summary>The committed results of one processor.</summary>
/// <param name="Cpu">Its name.</param>
/// <param name="Versions">Of everything that a number depends on.</param>
/// <param name="Command">Makes one of the rows, with its network and processor filled in.</param>
/// <param name="Rows">Network by network.</param>
internal sealed record BenchResults(
    string Cpu, IReadOnlyDictionary<string, string> Versions, string Command, IReadOnlyList<Measurement> Rows)
{
    private static readonly JsonSerializerOptions _format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file of a processor.</summary>
    public static string PathOf(string folder, string cpu) => Path.Combine(folder, cpu + ".json");

    /// <summary>Reads a file, or null where there is none.</summary>
    public static BenchResults? Read(string folder, string cpu)
    {
        string path = PathOf(folder, cpu);
        return File.Exists(path) ? JsonSerializer.Deserialize<BenchResults>(File.ReadAllText(path), _format) : null;
    }

    /// <summary>Puts a row in, in place of an earlier one. Rows of other versions of the tools cannot stand beside it and go.</summary>
    /// <returns>The rows that went.</returns>
    public static IReadOnlyList<Measurement> Add(string folder, string cpu, IReadOnlyDictionary<string, string> versions, Measurement row)
    {
        BenchResults? old = Read(folder, cpu);
        bool comparable = old is not null && old.Versions.OrderBy(v => v.Key).SequenceEqual(versions.OrderBy(v => v.Key));
        IEnumerable<Measurement> kept = comparable ? old!.Rows.Where(r => (r.Network, r.Engine) != (row.Network, row.Engine)) : [];
        string[] order = [.. BenchNetwork.All.Select(n => n.Name)];
        var results = new BenchResults(cpu, versions, $"tests/arm64-bench/run.sh --cpu {cpu} --network NETWORK --against onnxruntime",
            [.. kept.Append(row).OrderBy(r => Array.IndexOf(order, r.Network)).ThenBy(r => r.Engine, StringComparer.Ordinal)]);
        Directory.CreateDirectory(folder);
        File.WriteAllText(PathOf(folder, cpu), JsonSerializer.Serialize(results, _format) + "\n");
        return comparable ? [] : old?.Rows ?? [];
    }

    /// <summary>The row of ours, or null.</summary>
    public Measurement? Ours(string network) => Rows.FirstOrDefault(r => r.Network == network && r.Engine == Engine.Ours);

    /// <summary>The faster of ONNX Runtime's two rows, or null.</summary>
    public Measurement? OnnxRuntime(string network) => Rows
        .Where(r => r.Network == network && r.Engine.StartsWith(Engine.OnnxRuntime, StringComparison.Ordinal)).MinBy(r => r.MostCycles);
}
