using System.Collections.Concurrent;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Models;

/// <summary>What an augmentation wrote.</summary>
/// <param name="Originals">Training pictures.</param>
/// <param name="Changed">Changed copies of them.</param>
/// <param name="Test">Test pictures.</param>
/// <param name="Skipped">What did not decode, a message each.</param>
internal sealed record AugmentResult(int Originals, int Changed, int Test, IReadOnlyList<string> Skipped);

/// <summary>
/// Writes a data set with changed copies. The test pictures go into a part of their own, unchanged: were they split off later, copies of one
/// picture would be on both sides. The folder appears whole or not at all.
/// </summary>
internal sealed class AugmentRun(
    AugmentationPlan plan, int copies, ulong seed, string output, Terminal terminal, CancellationToken cancel)
{
    private readonly ConcurrentBag<string> _skipped = [];

    /// <exception cref="FailureException">The folder is there already, or cannot be written.</exception>
    public AugmentResult Execute(IDataSet train, IDataSet test)
    {
        if (File.Exists(output) || (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()))
        {
            throw new FailureException($"'{output}' is there already. Name a new folder, so that two data sets do not mix.");
        }

        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)), parts = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            int written = Write(train, Path.Combine(parts, "train"), copies, "Changing pictures");
            int tests = Write(test, Path.Combine(parts, "test"), 0, "Copying test pictures");
            if (Directory.Exists(target))
            {
                Directory.Delete(target);
            }

            Directory.Move(parts, target);
            return new AugmentResult(written, written * copies, tests, [.. _skipped.Order(StringComparer.Ordinal)]);
        }
        catch (AggregateException e) when (e.InnerException is IOException or UnauthorizedAccessException)
        {
            throw new FailureException($"cannot write '{output}': {e.InnerException.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException($"cannot write '{output}': {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(parts))
            {
                Directory.Delete(parts, recursive: true);
            }
        }
    }

    private int Write(IDataSet data, string folder, int changed, string title)
    {
        string[] folders = [.. data.Classes.Select(name => Directory.CreateDirectory(Path.Combine(folder, name)).FullName)];
        int seen = 0, written = 0;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        terminal.Progress(title, data.Count, show => Parallel.For(0, data.Count, options, i =>
        {
            if (WriteOne(data, i, folders[data.Label(i)], changed))
            {
                Interlocked.Increment(ref written);
            }

            show(Interlocked.Increment(ref seen));
        }));
        return written;
    }

    private bool WriteOne(IDataSet data, int index, string folder, int changed)
    {
        if (!data.TryLoad(index, out Picture picture, out string? reason))
        {
            _skipped.Add(reason);
            return false;
        }

        File.WriteAllBytes(Path.Combine(folder, $"{index:D6}.png"), PngFile.Encode(picture));
        for (int copy = 1; copy <= changed; copy++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{index:D6}-{copy}.png"), PngFile.Encode(Change(picture, plan, seed, index, copy)));
        }

        return true;
    }

    /// <summary>A copy that seed, index and number of the copy determine.</summary>
    public static Picture Change(in Picture picture, AugmentationPlan plan, ulong seed, int index, int copy)
    {
        var pixels = new byte[picture.Width * picture.Height * picture.Format.BytesPerPixel()];
        var random = SplitMix64.For(seed, (ulong)copy, (ulong)index);
        plan.Apply(picture.Pixels.Span[..pixels.Length], pixels, picture.Height, picture.Width, ref random);
        return picture with { Pixels = pixels };
    }
}
