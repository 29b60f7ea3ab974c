using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeConv.Cli.Screen;

/// <summary>Results on one stream, notes, progress and errors on the other, so that a program can read the results.</summary>
public sealed class Terminal
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly IAnsiConsole _results;
    private readonly IAnsiConsole _notes;
    private readonly bool _interactive;

    /// <summary>Plain text on two writers; what tests use.</summary>
    public Terminal(TextWriter output, TextWriter errors)
        : this(output, errors, outputIsTerminal: false, errorsAreTerminal: false)
    {
    }

    private Terminal(TextWriter output, TextWriter errors, bool outputIsTerminal, bool errorsAreTerminal)
    {
        Output = output;
        Errors = errors;
        Colors = outputIsTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        _interactive = errorsAreTerminal;
        _results = Create(output, outputIsTerminal);
        _notes = Create(errors, errorsAreTerminal);
    }

    /// <summary>Results.</summary>
    public TextWriter Output { get; }

    /// <summary>Notes and errors.</summary>
    public TextWriter Errors { get; }

    /// <summary>Whether results may be coloured.</summary>
    public bool Colors { get; }

    /// <summary>The process's own streams.</summary>
    public static Terminal ForProcess() => new(
        Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>One line of results.</summary>
    public void Line(string text = "") => Output.WriteLine(text);

    /// <summary>A table, picture or other block of results.</summary>
    public void Block(IRenderable block)
    {
        if (_results.Profile.Out.IsTerminal && !IsTooNarrowFor(block))
        {
            _results.Write(block);
            return;
        }

        StringWriter text = new();
        Create(text, isTerminal: false).Write(block);
        string[] lines = [.. text.ToString().Split('\n').Select(line => line.TrimEnd())];
        Line(string.Join(Environment.NewLine, lines).Trim('\r', '\n'));
    }

    // A table whose words do not fit would be cut within its numbers; then the lines are left to the terminal, as in a pipe.
    private bool IsTooNarrowFor(IRenderable block) =>
        block is Table && block.Measure(RenderOptions.Create(_results), int.MaxValue).Min > _results.Profile.Width;

    /// <summary>Something worth knowing that is not a result.</summary>
    public void Note(string text) => Errors.WriteLine($"edgeconv: {text}");

    /// <summary>Why it did not work.</summary>
    public void Error(string text) => Errors.WriteLine($"edgeconv: error: {text}");

    /// <summary>An answer for programs: camelCase, indented.</summary>
    public void Json<T>(T value) => Line(ToJson(value));

    /// <summary>The same as text.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, _json);

    /// <summary>What <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static T? FromJson<T>(string text) => JsonSerializer.Deserialize<T>(text, _json);

    /// <summary>Shows how far long work is: a bar on a terminal, now and then a line elsewhere.</summary>
    /// <param name="title">What is being done.</param>
    /// <param name="total">Units of work.</param>
    /// <param name="work">Calls its argument, from any thread, with the number of units done.</param>
    public void Progress(string title, long total, Action<Action<long>> work) =>
        Stages(show => work(done => show(title, done, total)));

    /// <summary>The same for work in stages, each with its own title and length.</summary>
    /// <param name="work">Calls its argument, from any thread, with title, units done and units in all.</param>
    public void Stages(Action<Action<string, long, long>> work)
    {
        if (_interactive)
        {
            ProgressBars.Run(_notes, work);
        }
        else
        {
            work(new ProgressLines(Note).Show);
        }
    }

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (!isTerminal)
        {
            console.Profile.Width = 160;
        }

        return console;
    }
}
