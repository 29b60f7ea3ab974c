using EdgeConv.Cli.Screen;
using EdgeConv.Devices.Updating;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What a package, or a signature, says to people.</summary>
internal static class PackageReport
{
    /// <summary>`inspect` of a package: what is in it, and whose signature it carries, which nobody has checked.</summary>
    public static void Print(string file, SignedModel package, Terminal terminal)
    {
        PackageManifest manifest = package.Manifest!;
        long length = new FileInfo(file).Length, head = length - manifest.ModelBytes - manifest.FramesBytes;
        terminal.Line($"{file}: a package for boards, {Units.Count(length)} bytes, its hashes are right");
        Print(manifest, terminal);
        terminal.Line($"  signed by       {(package.Key is { } key ? $"key {key}" : "nobody")}");
        Table parts = Tables.Create("part", ">bytes", "SHA-256");
        parts.Row("head", Units.Count(head), "");
        parts.Row("model", Units.Count(manifest.ModelBytes), manifest.ModelHash);
        parts.Row("labelled frames", Units.Count(manifest.FramesBytes), manifest.FramesBytes > 0 ? manifest.FramesHash : "");
        terminal.Block(parts);
        terminal.Line(package.Key is null ? "a board that has a key refuses it"
            : $"whether that key signed it: edgeconv verify {file} --signature --key k.pub.pem");
    }

    /// <summary>What was signed.</summary>
    public static void Print(PackageManifest manifest, Terminal terminal)
    {
        terminal.Line($"  model           {manifest.Name} {manifest.Version}, {Units.Count(manifest.ModelBytes)} bytes, SHA-256 {manifest.ModelHash}");
        terminal.Line($"  operators       {string.Join(' ', manifest.Operators)}; rounding rule {manifest.RoundingRule}");
        terminal.Line($"  checked on      {string.Join(' ', manifest.Paths)}");
        terminal.Line($"  labels          {(manifest.Labels.Count == 0 ? "none" : string.Join(", ", manifest.Labels.Take(20)) + (manifest.Labels.Count > 20 ? "..." : ""))}");
        terminal.Line($"  minimum agent   {manifest.MinimumAgent}");
        terminal.Line($"  trained on      {manifest.DataHash ?? "not said"}; run {manifest.TrainingHash ?? "not said"}");
        terminal.Line($"  on the board    {(manifest.Latency is { } latency ? $"at most {Units.Number(latency.TotalMilliseconds, 3)} ms an inference" : "no limit of time")}"
            + (manifest.FramesBytes > 0 ? $", {Units.Number(manifest.LeastAccuracy * 100, 1)} % of its labelled frames" : ""));
    }
}
