using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Commands;

/// <summary>`models`: the networks that `train` knows, with what they cost; no libtorch is needed for that.</summary>
internal static class ModelsCommand
{
    private const ulong Seed = 1;

    public static Command Create(Terminal terminal)
    {
        Argument<string?> name = new("name")
        {
            Description = "Explain this one, layer by layer: a name from the list, or a file that describes a network (.net).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        NetworkSymbols network = new();
        Option<string?> write = new("--write")
        {
            Description = "Write the network: to NAME.net as text to start one's own from, to NAME.onnx with random weights.",
            HelpName = "file",
        };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "models",
            "List the networks that can be trained, with parameters, multiply-accumulates and int8 size; or explain one.",
            ["edgeconv models", "edgeconv models resnet8 --size 48 --classes 3", "edgeconv models lenet5 --write my.net"],
            [name, .. network.All, write, json],
            (parsed, _) => Run(parsed.GetValue(name), network.Read(parsed), parsed.GetValue(write), parsed.GetValue(json), terminal));
    }

    private static int Run(string? name, NetworkOptions options, string? write, bool json, Terminal terminal)
    {
        if (name is null)
        {
            if (write is not null)
            {
                throw new UsageException("--write needs the name of the network to write.");
            }

            NetworkReport.PrintAll(options, json, terminal);
            return ExitCode.Done;
        }

        NetworkDescription network = KnownNetworks.Open(name, options);
        if (write is not null)
        {
            Write(network, write);
        }

        if (json)
        {
            terminal.Json(NetworkReport.ToJson(network));
        }
        else
        {
            NetworkReport.Print(network, terminal);
        }

        return ExitCode.Done;
    }

    private static void Write(NetworkDescription network, string path)
    {
        OutputFile.EnsureWritable(path);
        if (KnownNetworks.IsFile(path))
        {
            OutputFile.Write(path, NetworkText.Write(network));
            return;
        }

        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"--write {path}: a name that ends in .net or .onnx is expected.");
        }

        FeatureShape input = network.Input;
        PictureLayout layout = new(input.Width, input.Height, input.Channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb);
        float[] half = [.. Enumerable.Repeat(0.5f, input.Channels)];
        OnnxWriter.Write(NetworkGraph.Create(network, LayerWeights.Initial(network, Seed), LayerWeights.InitialStatistics(network),
            new PictureInput(layout, half, half), []), path);
    }
}
