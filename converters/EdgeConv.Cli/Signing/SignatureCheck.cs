using EdgeConv.Cli.Screen;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Cli.Signing;

/// <summary>`verify --signature`: what a board would say of a model's signature, before it looks at the model.</summary>
internal static class SignatureCheck
{
    /// <summary>Checks and prints.</summary>
    /// <param name="file">A model with its signature beside it, or a package.</param>
    /// <param name="key">The public key.</param>
    /// <param name="json">For programs.</param>
    /// <param name="terminal">Where to.</param>
    /// <exception cref="PackageException">It is not signed by that key.</exception>
    public static int Run(string file, string key, bool json, Terminal terminal)
    {
        if (!File.Exists(file))
        {
            throw new FailureException($"there is no model or package '{file}'.");
        }

        PackageManifest manifest = SignedModel.Read(file, Trust.Open([key])).Manifest!;
        if (json)
        {
            terminal.Json(new { File = file, Manifest = manifest });
            return ExitCode.Done;
        }

        terminal.Line($"{file}: signed by that key, and unchanged");
        terminal.Line($"  model           {manifest.Name} {manifest.Version}, {manifest.ModelBytes} bytes, SHA-256 {manifest.ModelHash}");
        terminal.Line($"  operators       {string.Join(' ', manifest.Operators)}; rounding rule {manifest.RoundingRule}");
        terminal.Line($"  checked on      {string.Join(' ', manifest.Paths)}");
        terminal.Line($"  labels          {(manifest.Labels.Count == 0 ? "none" : string.Join(", ", manifest.Labels.Take(20)) + (manifest.Labels.Count > 20 ? "..." : ""))}");
        terminal.Line($"  minimum agent   {manifest.MinimumAgent}");
        terminal.Line($"  trained on      {manifest.DataHash ?? "not said"}; run {manifest.TrainingHash ?? "not said"}");
        terminal.Line($"  on the board    {(manifest.Latency is { } latency ? $"at most {Units.Number(latency.TotalMilliseconds, 3)} ms an inference" : "no limit of time")}"
            + (manifest.FramesBytes > 0 ? $", {Units.Number(manifest.LeastAccuracy * 100, 1)} % of its labelled frames" : ""));
        return ExitCode.Done;
    }
}
