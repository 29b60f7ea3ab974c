using System.Runtime.InteropServices;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Verification;

/// <summary>Inputs on which every kernel path must give the same bytes.</summary>
/// <param name="Source">For messages: the data set's name, or what was made up.</param>
/// <param name="Count">Number of inputs.</param>
/// <param name="Length">Bytes an input.</param>
/// <param name="Bytes">Input tensors end to end.</param>
internal sealed record ParityInputs(string Source, int Count, int Length, sbyte[] Bytes)
{
    private const int Seed = 1;

    /// <summary>One input tensor.</summary>
    public ReadOnlySpan<sbyte> this[int index] => Bytes.AsSpan(index * Length, Length);

    /// <summary>The first inputs of all.</summary>
    public ParityInputs Take(int count) =>
        count >= Count ? this : this with { Count = count, Bytes = Bytes[..(count * Length)] };

    /// <summary>From the data set that is named, from mnist for 28x28 grey models, else golden inputs, extremes and random bytes.</summary>
    /// <exception cref="DataSetException">The data set is missing or broken.</exception>
    public static ParityInputs For(Model model, string? data, int count, Terminal terminal, CancellationToken cancel)
    {
        if (data is null && model.Preprocessing?.Layout is { Width: 28, Height: 28, Color: ColorOrder.Gray })
        {
            data = "mnist";
        }

        return data is null ? MadeUp(model, count) : FromPictures(model, DataSetFile.Open(data, Split.Test, terminal, cancel), count, cancel);
    }

    private static ParityInputs FromPictures(Model model, IDataSet data, int count, CancellationToken cancel)
    {
        PreprocessingRecord record = model.Preprocessing
            ?? throw new FailureException($"model '{model.Name}' does not say how pictures become its input; leave out --data.");
        int length = model.Input.ByteLength;
        count = Math.Min(count, data.Count);
        sbyte[] bytes = new sbyte[(long)count * length];
        string?[] failures = new string?[count];
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, () => new Preprocessor(record), (i, _, preprocessor) =>
        {
            if (data.TryLoad(i, out Picture picture, out failures[i]))
            {
                preprocessor.Run(picture, bytes.AsSpan(i * length, length));
            }

            return preprocessor;
        }, _ => { });
        int[] good = [.. Enumerable.Range(0, count).Where(i => failures[i] is null)];
        return good.Length == count ? new ParityInputs(data.Name, count, length, bytes)
            : good.Length > 0 ? new ParityInputs(data.Name, good.Length, length, [.. good.SelectMany(i => bytes[(i * length)..((i + 1) * length)])])
            : throw new DataSetException($"{data.Name}: none of the first {count} pictures decodes. The first: {failures[0]}");
    }

    private static ParityInputs MadeUp(Model model, int count)
    {
        int length = model.Input.ByteLength;
        count = Math.Max(count, model.GoldenVectors.Count + 2);
        sbyte[] bytes = new sbyte[(long)count * length];
        new Random(Seed).NextBytes(MemoryMarshal.AsBytes(bytes.AsSpan()));
        if (model.Input.Type == ElementType.Int16)
        {
            Fill(bytes, length, short.MinValue, short.MaxValue);
        }
        else
        {
            Fill(bytes, length, sbyte.MinValue, sbyte.MaxValue);
        }

        for (int i = 0; i < model.GoldenVectors.Count; i++)
        {
            model.GoldenVectors[i].Input.Span.CopyTo(bytes.AsSpan((i + 2) * length));
        }

        return new ParityInputs($"golden inputs, extremes and random bytes (seed {Seed})", count, length, bytes);
    }

    // The first two inputs: all as small, all as large as they can be.
    private static void Fill<T>(sbyte[] bytes, int length, T smallest, T largest)
        where T : unmanaged
    {
        MemoryMarshal.Cast<sbyte, T>(bytes.AsSpan(0, length)).Fill(smallest);
        MemoryMarshal.Cast<sbyte, T>(bytes.AsSpan(length, length)).Fill(largest);
    }
}
