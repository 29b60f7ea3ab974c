using System.CommandLine;
using EdgeConv.Cli.Quickstart;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Commands;

/// <summary>`quickstart`: LeNet-5 from MNIST to a checked model file, in one command.</summary>
internal static class QuickstartCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> output = new("--out")
        {
            Description = "Folder for everything that is made.",
            HelpName = "folder",
            DefaultValueFactory = _ => "quickstart",
        };
        Option<bool> fresh = new("--fresh") { Description = "Train again even where a finished run is there." };
        return Verb.Create(
            "quickstart",
            "Train LeNet-5 on the bundled MNIST, quantize, convert, verify here and on emulated Pis, classify, and report.",
            ["edgeconv quickstart", "edgeconv quickstart --out /tmp/first --fresh"],
            [output, fresh],
            (parsed, cancel) => new QuickstartRun(parsed.GetRequiredValue(output), parsed.GetValue(fresh), terminal, cancel).Run());
    }
}
