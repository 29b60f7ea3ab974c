using System.Globalization;
using System.Runtime.InteropServices;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Models;

/// <summary>Quantized tensors in, quantized tensors out, nothing else touched.</summary>
internal static class RawRun
{
    /// <summary>Runs every tensor of a file.</summary>
    /// <param name="model">An open model.</param>
    /// <param name="classifier">Runs it.</param>
    /// <param name="inputFile">One or more input tensors end to end.</param>
    /// <param name="outputFile">Where the output tensors go, end to end; null for nowhere.</param>
    /// <param name="top">Answers a tensor.</param>
    /// <param name="cancel">Stops between two tensors.</param>
    /// <exception cref="FailureException">The file's length is not a whole number of tensors.</exception>
    public static IReadOnlyList<Classified> Run(
        Model model, EdgeClassifier classifier, string inputFile, string? outputFile, int top, CancellationToken cancel)
    {
        if (!File.Exists(inputFile))
        {
            throw new FailureException($"there is no file '{inputFile}'.");
        }

        if (outputFile is not null)
        {
            OutputFile.EnsureWritable(outputFile);
        }

        byte[] bytes = File.ReadAllBytes(inputFile);
        (int inputLength, int outputLength) = (model.Input.ByteLength, model.Output.ByteLength);
        if (bytes.Length == 0 || bytes.Length % inputLength != 0)
        {
            throw new FailureException($"'{inputFile}' has {Units.Count(bytes.Length)} bytes; a whole number of input tensors of "
                + $"{Units.Count(inputLength)} bytes ({Units.Shape(model.Input.Shape)} {Units.Type(model.Input)}) was expected.");
        }

        sbyte[] outputs = new sbyte[bytes.Length / inputLength * outputLength];
        float[] confidences = new float[model.Output.Length];
        List<Classified> results = [];
        for (int i = 0; i < bytes.Length / inputLength; i++)
        {
            cancel.ThrowIfCancellationRequested();
            double seconds = classifier.Classify(MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan(i * inputLength, inputLength)), confidences);
            classifier.Output.CopyTo(outputs.AsSpan(i * outputLength));
            string number = i.ToString(CultureInfo.InvariantCulture);
            results.Add(Classified.From(number, confidences, model.Labels, top, seconds));
        }

        if (outputFile is not null)
        {
            AtomicFile.Write(outputFile, MemoryMarshal.AsBytes(outputs.AsSpan()).ToArray());
        }

        return results;
    }
}
