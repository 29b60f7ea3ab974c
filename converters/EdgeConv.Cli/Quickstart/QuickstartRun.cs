using System.Diagnostics;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Verification;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Quickstart;

/// <summary>The steps of `quickstart`, in order; each prints what it found.</summary>
/// <param name="folder">Where everything goes.</param>
/// <param name="fresh">Train again.</param>
/// <param name="terminal">Results and progress.</param>
/// <param name="cancel">Stops between two pieces of work.</param>
internal sealed class QuickstartRun(string folder, bool fresh, Terminal terminal, CancellationToken cancel)
{
    private const string Data = "mnist";
    private const int CalibrationImages = 500;
    private const int DigitsShown = 6;

    private readonly string _model = Path.Combine(folder, "lenet5.ecm");
    private readonly string _qdq = Path.Combine(folder, "lenet5.qdq.onnx");
    private readonly string _page = Path.Combine(folder, "report.html");

    /// <summary>Runs all steps.</summary>
    /// <returns>Exit code: failed when any path's bytes differ.</returns>
    public int Run()
    {
        Stopwatch watch = Stopwatch.StartNew();
        OutputFile.EnsureWritable(_page);

        terminal.Line("1  train LeNet-5 on MNIST");
        TrainingRun training = TrainingRun.EnsureFinished(Path.Combine(folder, "run"), fresh, terminal, cancel);
        terminal.Line($"   {training.Epochs} epochs, test accuracy {Units.Percent(training.TestAccuracy)} (float)");

        terminal.Line("2  quantize and convert");
        Conversion conversion = new ConversionRun(training.Folder, Data, Data, CalibrationMethod.MinMax, CalibrationImages)
        {
            Command = CommandText.Of(["convert", training.Folder, "-o", _model, "--calibrate", Data, "--images", $"{CalibrationImages}"]),
        }.Run(terminal, cancel);
        using Model model = Model.Load(conversion.File);
        AtomicFile.Write(_model, conversion.File);
        OutputFile.Write(Path.ChangeExtension(_model, ".report.json"), Terminal.ToJson(conversion.Report));
        QdqWriter.Write(conversion.Quantized, _qdq);
        terminal.Line($"   {_model}: flash {Units.Bytes(model.FileBytes)}, arena {Units.Bytes(model.ArenaBytes)}");

        terminal.Line("3  verify: every kernel path against the reference, byte by byte");
        IReadOnlyList<PathResult> results = Verify(model);
        terminal.Block(VerifyReport.Paths(results));
        foreach (PathResult result in results.Where(result => !result.Identical))
        {
            terminal.Note(result.Problem!);
        }

        terminal.Line("4  classify");
        IDataSet test = DataSets.Open(Data, Split.Test);
        Evaluation evaluation = Evaluation.Run(() => new EdgeClassifier(model, KernelPath.Default), test, int.MaxValue, terminal, cancel);
        ShowDigits(model, test);

        terminal.Line("5  time it beside ONNX Runtime");
        BenchResult bench = BenchResult.Measure(model, [KernelPath.Default], [training.Onnx, _qdq], 3, threads: 1, explain: false, terminal, cancel);
        terminal.Block(BenchReport.Engines(bench.Engines));

        QuickstartResult found = new(training, model, conversion, results, evaluation, bench, test);
        OutputFile.Write(_page, QuickstartPage.Write(found, NextCommands()));
        terminal.Line("6  result");
        terminal.Block(ResultTable(found));
        terminal.Line($"{_page} shows all of it. Took {Units.Number(watch.Elapsed.TotalSeconds, 0)} s. Next:");
        foreach (string command in NextCommands())
        {
            terminal.Line($"  {command}");
        }

        return results.All(result => result.Identical || result.Path is null) ? ExitCode.Done : ExitCode.Failed;
    }

    private IReadOnlyList<PathResult> Verify(Model model)
    {
        if (!EmulatedCpu.TryInstall(cancel))
        {
            terminal.Note("the emulated CPUs cannot be set up here; going on with this machine");
        }

        ParityInputs inputs = ParityInputs.For(model, Data, int.MaxValue, terminal, cancel);
        return Verifier.Run(_model, model, [Verifier.Host, .. EmulatedCpu.Names], null, inputs, COptimize.Balanced, terminal, cancel);
    }

    private void ShowDigits(Model model, IDataSet test)
    {
        using EdgeClassifier classifier = new(model, KernelPath.Default);
        float[] confidences = new float[classifier.Classes];
        int[] chosen = [.. Enumerable.Range(0, DigitsShown)];
        string Caption(int index)
        {
            classifier.Classify(test.Load(index), confidences);
            int best = Confidences.Best(confidences);
            return $"{Classes.Name(model.Labels, best)}  {Units.Percent(confidences[best], 1)}";
        }

        PictureBlocks.Print([.. chosen.Select(test.Load)], [.. chosen.Select(Caption)], side: 14, terminal);
    }

    private static Spectre.Console.Table ResultTable(QuickstartResult result)
    {
        Spectre.Console.Table table = Tables.Create(QuickstartResult.Titles);
        foreach (IReadOnlyList<string> row in result.Rows())
        {
            table.Row(row);
        }

        return table;
    }

    private string[] NextCommands() =>
    [
        .. new[]
        {
            $"inspect {_model} --card",
            $"run {_model} your-digit.png --top 3",
            $"bench {_model} --path all --against {Path.Combine(folder, "run", "model.onnx")}",
            $"deploy {_model} --to pi@raspberrypi     (a camera's service on the board)",
            $"export {_model} --to c -o {Path.Combine(folder, "firmware")}     (C99 for a microcontroller)",
            "train --model lenet5 --data mnist --augment --out runs/lenet5     (the longer setting)",
            "convert runs/lenet5 -o lenet5.ecm --calibrate mnist",
        }.Select(rest => $"{Environment.GetEnvironmentVariable("EDGECONV_CALLED_AS") ?? "edgeconv"} {rest}"),
    ];
}
