using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;

namespace EdgeConv.Cli.Commands;

/// <summary>`augment`: writes a data set with changed copies of its pictures, or a sheet of examples.</summary>
internal static class AugmentCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "A data set: a name, a folder or zip with one folder a class, or a .csv." };
        Option<string?> output = new("--out", "-o")
        {
            Description = "New folder for the pictures: train/CLASS and test/CLASS.",
            HelpName = "folder",
        };
        Option<int> copies = new("--copies") { Description = "Changed copies of each training picture.", DefaultValueFactory = _ => 5 };
        Option<string?> words = new("--augment")
        {
            Description = $"What may happen to a picture, such as \"rotate=12 flip crop=4\": {AugmentationPlan.Help}. "
                + "Default: what suits the data set.",
            HelpName = "words",
        };
        Option<string?> preview = new("--preview") { Description = "Write a sheet of examples, a PNG.", HelpName = "file" };
        Option<long> seed = new("--seed") { Description = "Start of the random sequence.", DefaultValueFactory = _ => 1 };
        return Verb.Create(
            "augment",
            "Write a data set with distorted copies of its training pictures, or a sheet to see what they would look like.",
            ["edgeconv augment mnist --preview sheet.png",
                "edgeconv augment pictures/ -o more/ --copies 5 --augment \"rotate=15 color=20 noise=8\""],
            [data, output, copies, words, preview, seed],
            (parsed, cancel) => Run(parsed.GetRequiredValue(data), parsed.GetValue(output), parsed.GetValue(preview),
                SharedSymbols.AtLeast(parsed.GetValue(copies), 1, "--copies"), parsed.GetValue(words), parsed.GetValue(seed), terminal, cancel));
    }

    private static int Run(string data, string? output, string? preview, int copies, string? words, long seed, Terminal terminal,
        CancellationToken cancel)
    {
        if (output is null && preview is null)
        {
            throw new UsageException("nothing to write: give a new folder with --out, a sheet with --preview, or both.");
        }

        AugmentationPlan plan = Plan(words ?? AugmentationDefaults.For(data) ?? AugmentationDefaults.Photos);
        IDataSet train = DataSetFile.Open(data, Split.Train, terminal, cancel);
        if (preview is not null)
        {
            OutputFile.EnsureWritable(preview);
            AtomicFile.Write(preview, PreviewSheet.Draw(train, plan, (ulong)seed));
            terminal.Line($"{preview}: each row a picture of {train.Name} and what '{plan.Text}' makes of it");
        }

        if (output is not null)
        {
            var run = new AugmentRun(plan, copies, (ulong)seed, output, terminal, cancel);
            AugmentResult result = run.Execute(train, DataSets.Open(data, Split.Test));
            terminal.Line($"{output}: {Units.Count(result.Originals)} training pictures with {Units.Count(result.Changed)} changed copies "
                + $"('{plan.Text}'), {Units.Count(result.Test)} test pictures as they were");
            foreach (string line in SkippedPictures.Lines(data, result.Originals + result.Test, result.Skipped))
            {
                terminal.Note(line);
            }
        }

        return ExitCode.Done;
    }

    private static AugmentationPlan Plan(string words)
    {
        try
        {
            return AugmentationPlan.Parse(words) ?? throw new UsageException("--augment says nothing; name at least one change.");
        }
        catch (FormatException e)
        {
            throw new UsageException($"--augment {e.Message}");
        }
    }
}
