using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Signing;
using EdgeConv.Converters;
using EdgeConv.Converters.Quantization;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`sign`: a model's signature beside it, or a package with both.</summary>
internal static class SignCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = SharedSymbols.Model();
        Option<string?> key = new("--key") { Description = "The private key, of `edgeconv keygen`.", HelpName = "k.pem" };
        Option<string?> package = new("--package") { Description = "Write a package for `edgeconv-agent update` and fleets instead of a signature beside the model.", HelpName = "model.ecpkg" };
        Option<bool> unsigned = new("--unsigned") { Description = "With --package: one that nobody signed, for boards without a key." };
        Option<long?> version = SharedSymbols.ModelVersion();
        Option<string?> agent = new("--minimum-agent") { Description = "The oldest agent that may run it [default: 0.1.0].", HelpName = "version" };
        Option<double?> latency = new("--latency") { Description = "Milliseconds that an inference may take on the board.", HelpName = "ms" };
        Option<string?> frames = new("--frames") { Description = "With --package: a folder of pictures a class, that the model must know on the board.", HelpName = "folder" };
        Option<double> least = new("--least-accuracy") { Description = "The part of these frames, 0 to 1.", DefaultValueFactory = _ => 1, HelpName = "part" };
        Option<string?> data = new("--trained-on") { Description = "File or folder of the training data, whose SHA-256 goes into the manifest [default: the hash in MODEL.report.json, of `convert`].", HelpName = "path" };
        Option<string?> run = new("--run") { Description = "File or folder of the training run: likewise [default: likewise].", HelpName = "path" };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "sign",
            "Sign a model: every byte of it, and what it is for.",
            ["edgeconv sign lenet5.ecm --key k.pem", "edgeconv sign lenet5.ecm --key k.pem --package lenet5.ecpkg --frames seen --least-accuracy 0.95 --latency 20"],
            [model, key, package, unsigned, version, agent, latency, frames, least, data, run, json],
            (parsed, cancel) =>
            {
                string file = parsed.GetRequiredValue(model);
                string? target = parsed.GetValue(package), pictures = parsed.GetValue(frames), keyFile = parsed.GetValue(key);
                if (keyFile is null != parsed.GetValue(unsigned) || keyFile is null && target is null)
                {
                    throw new UsageException(keyFile is null ? "name the key: --key k.pem; or, with --package, --unsigned." : "--key signs, --unsigned does not; expected one of them.");
                }

                // The ending keeps the key and the model from being written over, and boards and fleets look for it.
                if (target is not null && !target.EndsWith(SignedModel.PackageExtension, StringComparison.Ordinal))
                {
                    throw new UsageException($"--package {target}: a package's name ends in {SignedModel.PackageExtension}, such as {Path.ChangeExtension(file, SignedModel.PackageExtension)}.");
                }

                if (target is null && (pictures is not null || parsed.GetResult(least) is { Implicit: false }))
                {
                    throw new UsageException("--frames and --least-accuracy go with --package: a signature beside a model has no room for pictures.");
                }

                RefusePackage(file);
                SigningOptions options = new(SharedSymbols.ModelVersion(parsed.GetValue(version)) ?? SigningOptions.VersionOf(DateTime.UtcNow))
                {
                    MinimumAgent = Agent(parsed.GetValue(agent)),
                    Latency = parsed.GetValue(latency) is { } milliseconds ? Milliseconds(milliseconds) : null,
                    Frames = pictures is null ? [] : Frames(file, pictures),
                    LeastAccuracy = pictures is null ? 0 : Part(parsed.GetValue(least)),
                    DataHash = ContentHash.Of(parsed.GetValue(data), cancel),
                    TrainingHash = ContentHash.Of(parsed.GetValue(run), cancel),
                };
                return Sign(file, target, keyFile, options, parsed.GetValue(json), terminal);
            });
    }

    // Signing it again would need its labelled frames and limits, of which nobody can say whether they are meant once more.
    private static void RefusePackage(string file)
    {
        if (File.Exists(file) && SignedModel.IsPackage(file))
        {
            SignedModel package = SignedModel.Read(file, Trust.Everybody);
            throw new FailureException($"{file}: a package already, of {package.Manifest!.Name} {package.Manifest.Version}, {(package.Key is { } key ? $"signed by the key {key[..16]}..." : "which nobody signed")}; "
                + $"sign the model that it was made from: edgeconv sign MODEL.ecm --key k.pem --package {file}");
        }
    }

    private static int Sign(string file, string? target, string? keyFile, SigningOptions options, bool json, Terminal terminal)
    {
        byte[] bytes = Bytes(file);
        options = WithOrigin(options, file, bytes, terminal);
        using SigningKey? signer = keyFile is null ? null : SigningKey.Open(keyFile);
        PackageManifest manifest = PackageWriter.Describe(bytes, options);
        string written = target ?? file + SignedModel.SignatureExtension;
        AtomicFile.Write(written, target is null ? PackageWriter.Head(manifest, signer) : PackageWriter.Write(manifest, signer, bytes, options.Frames));
        if (json)
        {
            terminal.Json(new { File = written, Key = signer?.Fingerprint, Manifest = manifest });
            return ExitCode.Done;
        }

        terminal.Line($"{written}  {manifest.Name} {manifest.Version}{(signer is null ? ", unsigned" : $", key {signer.Fingerprint[..16]}...")}");
        return ExitCode.Done;
    }

    // What the user names goes before what `convert` wrote down of the run.
    private static SigningOptions WithOrigin(SigningOptions options, string file, byte[] bytes, Terminal terminal)
    {
        if (options.DataHash is not null && options.TrainingHash is not null)
        {
            return options;
        }

        (QuantizationReport? report, string? note) = ReportFile.Beside(file, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        if (note is not null)
        {
            terminal.Note(note);
        }

        TrainingOrigin? training = report?.Origin?.Training;
        return options with { DataHash = options.DataHash ?? Hash(training?.DataSha256), TrainingHash = options.TrainingHash ?? Hash(training?.Sha256) };

        // The report is a text that anybody can change; the manifest takes hashes.
        static string? Hash(string? text) => text is { Length: 2 * SHA256.HashSizeInBytes } && text.All(char.IsAsciiHexDigitLower) ? text : null;
    }

    // Opened for its messages; signed are the bytes that were read.
    private static byte[] Bytes(string file)
    {
        using Model opened = ModelFile.Open(file);
        return File.ReadAllBytes(file);
    }

    private static IReadOnlyList<LabelledFrame> Frames(string file, string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new FailureException($"{folder}: no such folder. Expected one with a folder of pictures a class.");
        }

        using Model opened = ModelFile.Open(file);
        return LabelledFrames.InFolder(folder, opened.Labels);
    }

    private static Version Agent(string? text) => text is null ? new Version(0, 1, 0)
        : Version.TryParse(text, out Version? version) && version is { Build: >= 0, Revision: < 0 } ? version
        : throw new UsageException($"--minimum-agent {text}: expected a version such as 0.1.0.");

    private static TimeSpan Milliseconds(double value) => value is > 0 and <= 1e6 ? TimeSpan.FromMicroseconds(Math.Ceiling(value * 1000))
        : throw new UsageException($"--latency is {value.ToString(CultureInfo.InvariantCulture)}; milliseconds above 0 were expected.");

    private static double Part(double value) => value is >= 0 and <= 1 ? value
        : throw new UsageException($"--least-accuracy is {value.ToString(CultureInfo.InvariantCulture)}; 0 to 1 was expected.");
}
