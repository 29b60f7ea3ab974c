using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>Makes commands: symbols, action, and help that ends with examples.</summary>
internal static class Verb
{
    /// <summary>A verb of the command line.</summary>
    /// <param name="name">What the user types.</param>
    /// <param name="summary">One line for the list of verbs.</param>
    /// <param name="examples">Whole command lines for --help.</param>
    /// <param name="symbols">Arguments and options, in the order of the help.</param>
    /// <param name="run">The work; returns an exit code.</param>
    public static Command Create(
        string name, string summary, IReadOnlyList<string> examples, IEnumerable<Symbol> symbols,
        Func<ParseResult, CancellationToken, int> run)
    {
        Command command = new(name, summary);
        foreach (Symbol symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
            }
        }

        command.SetAction((result, cancel) =>
        {
            // A wrong EDGECONV_PATH is said before any work.
            _ = KernelPath.Default;
            return Task.FromResult(run(result, cancel));
        });
        AddExamples(command, examples);
        return command;
    }

    /// <summary>Adds examples to the end of a command's help.</summary>
    public static void AddExamples(Command command, IReadOnlyList<string> examples)
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
        {
            help = new HelpOption();
            command.Add(help);
        }

        help.Recursive = false;
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples);
    }

    private sealed class HelpWithExamples(HelpAction help, IReadOnlyList<string> examples) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {example}");
            }

            return code;
        }
    }
}
