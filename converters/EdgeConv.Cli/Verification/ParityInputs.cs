using System.Runtime.InteropServices;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
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

    // The reference's plain loops do some hundred million multiply-accumulates a second on a PC, some ten million on an emulated CPU.
    private const int MostOnHost = 1000;
    private const int MostEmulated = 200;
    private const int MostOnClr = 50;
    private const double MacsOnHost = 20e9;
    private const double MacsEmulated = 1e9;

    /// <summary>As many as all paths of the host do within a minute or so: 1,000 of a small model, two of VGG-16.</summary>
    public static int Usual(Model model) => Within(MacsOnHost, model, fewest: 2, MostOnHost);

    /// <summary>One input tensor.</summary>
    public ReadOnlySpan<sbyte> this[int index] => Bytes.AsSpan(index * Length, Length);

    /// <summary>The first inputs of all.</summary>
    public ParityInputs Take(int count) =>
        count >= Count ? this : this with { Count = count, Bytes = Bytes[..(count * Length)] };

    /// <summary>The first of them, as many as an emulated CPU can be asked for, which runs every kernel path on each.</summary>
    public ParityInputs Few(Model model) => Take(Within(MacsEmulated, model, fewest: 1, MostEmulated));

    /// <summary>The first of them, as many as an emulated microcontroller can be asked for, which runs one program.</summary>
    public ParityInputs FewOnMcu(Model model) => Take(Within(MacsEmulated, model, fewest: 1, MostOnHost));

    /// <summary>The first of them, as many as a nanoCLR is asked for: its interpreter does some ten million multiply-accumulates a second.</summary>
    public ParityInputs FewOnClr(Model model) => Take(Within(MacsEmulated, model, fewest: 1, MostOnClr));

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
            : throw new DataSetException($"{data.Name}: none of the first {Units.Count(count)} pictures decodes. The first: {failures[0]}");
    }

    private static ParityInputs MadeUp(Model model, int count)
    {
        int length = model.Input.ByteLength;
        count = Math.Max(count, model.GoldenVectors.Count + 3);
        sbyte[] bytes = new sbyte[(long)count * length];
        new Random(Seed).NextBytes(MemoryMarshal.AsBytes(bytes.AsSpan()));
        // After a random one, which is all that a large model gets on an emulated CPU: its self-test runs the golden ones anyhow.
        Span<sbyte> rest = bytes.AsSpan(length);
        if (model.Input.Type == ElementType.Int16)
        {
            Fill(rest, length, short.MinValue, short.MaxValue);
        }
        else
        {
            Fill(rest, length, sbyte.MinValue, sbyte.MaxValue);
        }

        for (int i = 0; i < model.GoldenVectors.Count; i++)
        {
            model.GoldenVectors[i].Input.Span.CopyTo(rest[((i + 2) * length)..]);
        }

        return new ParityInputs($"golden inputs, extremes and random bytes (seed {Seed})", count, length, bytes);
    }

    // Two inputs: all as small, all as large as they can be.
    private static void Fill<T>(Span<sbyte> bytes, int length, T smallest, T largest)
        where T : unmanaged
    {
        MemoryMarshal.Cast<sbyte, T>(bytes[..length]).Fill(smallest);
        MemoryMarshal.Cast<sbyte, T>(bytes.Slice(length, length)).Fill(largest);
    }

    private static int Within(double macs, Model model, int fewest, int most) =>
        (int)Math.Clamp(macs / Math.Max(1, model.Operators.Sum(step => (double)LayerCost.Of(model, step).Macs)), fewest, most);
}
