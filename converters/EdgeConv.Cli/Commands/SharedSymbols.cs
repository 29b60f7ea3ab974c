using System.CommandLine;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>Arguments and options that several verbs have.</summary>
internal static class SharedSymbols
{
    /// <summary>A model file.</summary>
    public static Argument<string> Model() => new("model") { Description = "The model file (.ecm)." };

    /// <summary>Answer for programs.</summary>
    public static Option<bool> Json(string more = "") => new("--json") { Description = $"Print one JSON document and nothing else{more}." };

    /// <summary>Kernel path; null when not given.</summary>
    public static Option<string?> Path(string more = "") => new("--path")
    {
        Description = $"Kernel path: {string.Join(", ", KernelPath.All.Select(path => path.Name))}.{more}",
        HelpName = "name",
    };

    /// <summary>Threads of one interpreter.</summary>
    public static Option<int> Threads(string more = "") => new("--threads")
    {
        Description = $"Threads that share the work of large layers; the answers are the same however many.{more}",
        DefaultValueFactory = _ => 1,
        HelpName = "n",
    };

    /// <summary>A number of threads that an interpreter takes.</summary>
    /// <exception cref="UsageException">It takes fewer or more.</exception>
    public static int Threads(int value) => value is >= 1 and <= Interpreter.MostThreads
        ? value
        : throw new UsageException($"--threads is {value}; 1 to {Interpreter.MostThreads} was expected.");

    /// <summary>Board; null when not given.</summary>
    public static Option<string?> Board(string description) => new("--board")
    {
        Description = $"{description} `edgeconv boards` lists them.",
        HelpName = "id",
    };

    /// <summary>A data set.</summary>
    public static Option<string?> Data(string description, params string[] aliases) => new("--data", aliases)
    {
        Description = description,
        HelpName = "name or folder",
    };

    /// <summary>A model's version number; null when not given.</summary>
    public static Option<long?> ModelVersion(string more = "") => new("--model-version")
    {
        Description = $"The model's version number; boards refuse lower ones [default: date and time in UTC, yyyyMMddHHmmss].{more}",
        HelpName = "n",
    };

    /// <summary>A version number that a package may have.</summary>
    /// <exception cref="UsageException">It may not.</exception>
    public static long? ModelVersion(long? value) => value is < 0 or > 1L << 53
        ? throw new UsageException($"--model-version is {value}; a whole number from 0 to 2^53 was expected.")
        : value;

    /// <summary>The path of that name, or the default one.</summary>
    /// <exception cref="KernelPathException">There is no such path here.</exception>
    public static KernelPath Resolve(string? name) => name is null ? KernelPath.Default : KernelPath.Parse(name);

    /// <summary>A count that must be at least a bound.</summary>
    /// <exception cref="UsageException">It is less.</exception>
    public static int AtLeast(int value, int bound, string option) => value >= bound
        ? value
        : throw new UsageException($"{option} is {value}; it must be at least {bound}.");
}
