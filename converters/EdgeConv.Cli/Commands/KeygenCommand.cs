using System.CommandLine;
using EdgeConv.Cli.Screen;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Cli.Commands;

/// <summary>`keygen`: a pair of keys to sign models with.</summary>
internal static class KeygenCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> output = new("--output", "-o") { Description = "The private key's file; the public one is beside it, k.pem and k.pub.pem.", HelpName = "k.pem", Required = true };
        return Verb.Create(
            "keygen",
            "Make a pair of keys: one that signs models, one for the boards that run them.",
            ["edgeconv keygen -o k.pem"],
            [output],
            (parsed, _) =>
            {
                string file = parsed.GetRequiredValue(output);
                string publicFile = Path.ChangeExtension(file, ".pub" + Path.GetExtension(file));
                if (new[] { file, publicFile }.FirstOrDefault(Path.Exists) is { } there)
                {
                    throw new FailureException($"'{there}' is there already, and a key is never written over. Name another file.");
                }

                using SigningKey key = SigningKey.Create(file, publicFile);
                terminal.Line($"{file}  signs; only you may read it, and it belongs on no board");
                terminal.Line($"{publicFile}  is for the boards: [update] key = \"{Path.GetFileName(publicFile)}\"");
                terminal.Line($"key {key.Fingerprint}");
                return ExitCode.Done;
            });
    }
}
