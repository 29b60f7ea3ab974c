using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Models;

/// <summary>Classifies picture files.</summary>
internal static class PictureRun
{
    /// <summary>Classifies a picture, or each picture of a folder in the order of their names.</summary>
    /// <param name="model">An open model.</param>
    /// <param name="classifier">Runs it.</param>
    /// <param name="source">File or folder.</param>
    /// <param name="top">Answers a picture.</param>
    /// <param name="strict">Refuse what would have to be converted.</param>
    /// <param name="terminal">For notes and progress.</param>
    /// <param name="cancel">Stops between two pictures.</param>
    /// <exception cref="FailureException">No pictures, or one that --strict refuses.</exception>
    /// <exception cref="DataSetException">A picture does not decode.</exception>
    public static IReadOnlyList<Classified> Run(
        Model model, EdgeClassifier classifier, string source, int top, bool strict, Terminal terminal, CancellationToken cancel)
    {
        string[] files = Files(source);
        PictureLayout layout = classifier.Layout;
        float[] confidences = new float[classifier.Classes];
        List<Classified> results = [];
        void ClassifyAll(Action<long> report)
        {
            foreach (string file in files)
            {
                cancel.ThrowIfCancellationRequested();
                Picture picture = PictureFile.Load(file);
                string? misfit = Misfit(picture, layout);
                if (misfit is not null && strict)
                {
                    throw new FailureException($"'{file}' is {misfit}, refused by --strict. Leave --strict out and it is converted.");
                }

                double seconds = classifier.Classify(picture, confidences);
                results.Add(Classified.From(file, confidences, model.Labels, top, seconds, misfit));
                report(results.Count);
            }
        }

        terminal.Progress($"classifying {Units.Count(files.Length)} pictures", files.Length, ClassifyAll);
        if (results.FirstOrDefault(result => result.Converted is not null) is { } converted)
        {
            int others = results.Count(result => result.Converted is not null) - 1;
            terminal.Note($"converted '{converted.Source}'{(others > 0 ? $" and {others} more" : "")}: it is {converted.Converted}");
        }

        return results;
    }

    /// <summary>What of a picture is not as the model has it, or null.</summary>
    public static string? Misfit(in Picture picture, PictureLayout layout)
    {
        bool gray = picture.Format == PixelFormat.Gray8;
        bool otherSize = picture.Width != layout.Width || picture.Height != layout.Height;
        bool otherColor = gray != (layout.Color == ColorOrder.Gray);
        return otherSize || otherColor
            ? $"{picture.Width}x{picture.Height} {(gray ? "grey" : "colour")}, the model takes {layout.Width}x{layout.Height} "
                + (layout.Color == ColorOrder.Gray ? "grey" : "colour")
            : null;
    }

    private static string[] Files(string source)
    {
        if (!Directory.Exists(source))
        {
            return File.Exists(source)
                ? [source]
                : throw new FailureException($"there is no picture and no folder '{source}'.");
        }

        string[] files = [.. Directory.EnumerateFiles(source).Where(PictureFile.HasPictureExtension).Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? files
            : throw new FailureException($"folder '{source}' holds no pictures; PNG, JPEG, BMP, GIF, PGM and PPM files were looked for.");
    }
}
