using EdgeConv.Arm64Bench;

// run.sh builds what this needs and calls it.
return BenchCommand.Create().Parse(args).Invoke();
