using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EdgeConv.Benchmarks;

// In process: the project is built once, by the solution's rules. `-- --filter '*'` runs all, `-- --networks lenet5,conv3x3-64-28` some.
IConfig config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
    .AddColumn(StatisticColumn.Median, MedianColumn.Speed, MedianColumn.RatioTo(BenchFiles.OnnxInt8), MedianColumn.RatioTo(BenchFiles.OnnxFloat));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
