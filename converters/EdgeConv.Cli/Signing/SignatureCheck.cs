using EdgeConv.Cli.Reports;
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
        PackageReport.Print(manifest, terminal);
        return ExitCode.Done;
    }
}
