using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EdgeConv.Benchmarks;

// In process: the project is built once, by the solution's rules. `-- --filter '*'` runs all, `-- --filter '*lenet5*'` one network;
// --quick takes three samples of each. --write FOLDER NAME... only writes networks' files, for others that measure them.
const string Quick = "--quick";
if (args is ["--write", var folder, .. var names])
{
    Directory.CreateDirectory(folder);
    foreach (string name in names)
    {
        BenchFiles.Write(name, folder);
    }

    return;
}

Job job = args.Contains(Quick) ? Job.ShortRun : Job.Default;
IConfig config = DefaultConfig.Instance.AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
    .AddColumn(StatisticColumn.Median, MedianColumn.Speed, MedianColumn.RatioTo(BenchFiles.OnnxInt8), MedianColumn.RatioTo(BenchFiles.OnnxFloat));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args.Where(a => a != Quick)], config);
