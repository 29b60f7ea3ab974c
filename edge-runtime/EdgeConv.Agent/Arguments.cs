using System.Globalization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Agent;

/// <summary>
/// A verb's words and its options, all of which take a value. By hand, since the start matters here: an empty
/// native program with System.CommandLine 3.0 takes 2.8 ms, this one 4.4 ms to the class of its first picture.
/// </summary>
internal sealed class Arguments
{
    private readonly string _verb;
    private readonly List<string> _words = [];
    private readonly Dictionary<string, string> _options = [];

    private Arguments(string verb) => _verb = verb;

    /// <summary>Reads what follows the verb.</summary>
    /// <exception cref="UsageException">An option that the verb does not have, one without value, one given twice.</exception>
    public static Arguments Parse(string[] args, params string[] options)
    {
        Arguments result = new(args[0]);
        for (int i = 1; i < args.Length; i++)
        {
            string arg = args[i];
            if (!arg.StartsWith('-') || arg == "-")
            {
                result._words.Add(arg);
                continue;
            }

            int equals = arg.IndexOf('=');
            string name = equals < 0 ? arg : arg[..equals];
            if (!options.Contains(name))
            {
                string known = options.Length == 0 ? "none" : string.Join(", ", options);
                throw new UsageException($"'{name}' is no option of '{args[0]}'; it has {known}.");
            }

            string value = equals >= 0 ? arg[(equals + 1)..]
                : ++i < args.Length ? args[i] : throw new UsageException($"{name} needs a value.");
            if (!result._options.TryAdd(name, value))
            {
                throw new UsageException($"{name} is given twice.");
            }
        }

        return result;
    }

    /// <summary>Itself, where none of these options is given.</summary>
    /// <exception cref="UsageException">One is.</exception>
    public Arguments Refuse(IReadOnlyList<string> options, string why) =>
        options.FirstOrDefault(_options.ContainsKey) is { } given ? throw new UsageException($"{given} {why}.") : this;

    /// <summary>The words; there must be as many as these names, which say in messages what each of them is.</summary>
    /// <exception cref="UsageException">More or fewer.</exception>
    public IReadOnlyList<string> ExpectWords(params string[] names) =>
        _words.Count == names.Length ? _words : throw new UsageException(_words.Count > names.Length
            ? $"'{_words[names.Length]}' is too much; expected {string.Join(' ', ["edgeconv-agent", _verb, .. names])}."
            : $"{names[_words.Count]} is missing; expected {string.Join(' ', ["edgeconv-agent", _verb, .. names])}.");

    /// <summary>The model, or null where none is named.</summary>
    /// <exception cref="UsageException">More than one.</exception>
    public string? AtMostOneModel() => _words.Count == 0 ? null : ExpectWords("MODEL")[0];

    /// <summary>An option's value, or null.</summary>
    public string? Option(string name) => _options.GetValueOrDefault(name);

    /// <summary>An option's value as a number of 1 or more, or what it is otherwise.</summary>
    /// <exception cref="UsageException">Not such a number.</exception>
    public int Count(string name, int otherwise = 1)
    {
        string? text = Option(name);
        if (text is null)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new UsageException($"{name} {text}: expected a whole number of 1 or more.");
    }

    /// <summary>What --threads asks for, or 1.</summary>
    /// <exception cref="UsageException">Not a number that an interpreter takes.</exception>
    public int Threads() => Count("--threads") is var threads && threads <= Interpreter.MostThreads
        ? threads
        : throw new UsageException($"--threads {threads}: expected at most {Interpreter.MostThreads}.");

    /// <summary>An option's value as a number from 0 on, or what it is otherwise.</summary>
    /// <exception cref="UsageException">Not such a number.</exception>
    public double Real(string name, double otherwise, double most)
    {
        if (Option(name) is not { } text)
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= most
            ? value
            : throw new UsageException($"{name} {text}: expected a number from 0 to {most.ToString(CultureInfo.InvariantCulture)}.");
    }

    /// <summary>The paths that --path asks for: one, or all that run here; without the option, <paramref name="fallback"/>.</summary>
    /// <exception cref="KernelPathException">No such path, or not on this processor.</exception>
    public IReadOnlyList<KernelPath> Paths(Func<IReadOnlyList<KernelPath>> fallback) => Option("--path") switch
    {
        null => fallback(),
        "all" => AllPaths(),
        string name => [KernelPath.Parse(name)],
    };

    /// <summary>Every path that runs here, best first.</summary>
    public static IReadOnlyList<KernelPath> AllPaths() => [.. KernelPath.All.Where(path => path.IsSupported)];
}
