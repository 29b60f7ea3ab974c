using System.Diagnostics;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>Times a model on each path, and each layer on the best of them.</summary>
internal static class BenchCommand
{
    private const double SecondsAPath = 0.5;
    private const int FewestRuns = 5;
    private const int MostRuns = 10_000;

    /// <summary>bench MODEL [--path P|all] [--threads N].</summary>
    public static void Execute(Arguments arguments, TextWriter output)
    {
        string file = arguments.ExpectWords("MODEL")[0];
        IReadOnlyList<KernelPath> paths = arguments.Paths(Arguments.AllPaths);
        int threads = arguments.Threads();
        using Model model = ModelFile.Open(file, arguments);
        sbyte[] input = new sbyte[model.Input.ByteLength];
        if (model.GoldenVectors.Count > 0)
        {
            model.GoldenVectors[0].Input.CopyTo(input);
        }

        sbyte[] answer = new sbyte[model.Output.ByteLength];
        foreach (KernelPath path in paths)
        {
            using Interpreter interpreter = new(model, path, threads);
            double[] times = Measure(() => interpreter.Invoke(input, answer));
            output.WriteLine($"{path.Name,-12}median {Median(times),10:F1} us  fastest {times[0],10:F1} us  ({times.Length} runs)");
        }

        using Interpreter best = new(model, paths[0], threads);
        Layers(best, input, output);
    }

    private static void Layers(Interpreter interpreter, sbyte[] input, TextWriter output)
    {
        IReadOnlyList<ModelOperator> operators = interpreter.Model.Operators;
        double[][] times = new double[operators.Count][];
        int runs = Math.Clamp((int)(SecondsAPath * 1e6 / Math.Max(1, Median(Measure(Whole)))), FewestRuns, MostRuns);
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = new double[runs];
        }

        for (int run = 0; run < runs; run++)
        {
            interpreter.SetInput(input);
            for (int i = 0; i < times.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                interpreter.RunOperator(i);
                times[i][run] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        output.WriteLine($"Layers on {interpreter.Path.Name}, median us:");
        for (int i = 0; i < times.Length; i++)
        {
            Array.Sort(times[i]);
            output.WriteLine($"{i,4}  {operators[i].Name,-28}{Median(times[i]),10:F1}  {interpreter.Choice(i).Algorithm}");
        }

        void Whole()
        {
            interpreter.SetInput(input);
            for (int i = 0; i < operators.Count; i++)
            {
                interpreter.RunOperator(i);
            }
        }
    }

    private static double[] Measure(Action run)
    {
        run();
        List<double> times = [];
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < FewestRuns || (times.Count < MostRuns && Stopwatch.GetElapsedTime(begin).TotalSeconds < SecondsAPath))
        {
            long start = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return [.. times.Order()];
    }

    private static double Median(double[] sorted) => sorted[sorted.Length / 2];
}
