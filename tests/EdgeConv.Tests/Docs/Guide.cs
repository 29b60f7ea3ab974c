using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EdgeConv.Tests.Docs;

/// <summary>A page with commands: its bash blocks are run in order, and what they print is compared with the text block below each.</summary>
internal sealed partial class Guide
{
    private readonly string[] _lines;

    public Guide(params string[] path)
    {
        Name = path[^1];
        _lines = File.ReadAllLines(RepositoryFolder.Path(path));
    }

    public string Name { get; }

    /// <summary>Commands that the reader has done in some other way.</summary>
    public IEnumerable<string> Preparations => Comments("prepare");

    /// <summary>Programs without which it cannot be followed.</summary>
    public IEnumerable<string> Needs => Comments("needs").SelectMany(names => names.Split(' '));

    /// <summary>All blocks of code.</summary>
    public IReadOnlyList<(string Language, string Text)> Blocks()
    {
        List<(string Language, string Text)> blocks = [];
        List<string>? block = null;
        string language = "";
        foreach (string line in _lines)
        {
            if (!line.StartsWith("```", StringComparison.Ordinal))
            {
                block?.Add(line);
            }
            else if (block is null)
            {
                (block, language) = ([], line[3..]);
            }
            else
            {
                blocks.Add((language, string.Join('\n', block)));
                block = null;
            }
        }

        return blocks;
    }

    /// <summary>Each bash block with the text block that follows it before the next, or null.</summary>
    public IEnumerable<(string Commands, string? Expected)> Steps()
    {
        IReadOnlyList<(string Language, string Text)> blocks = Blocks();
        for (int i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Language == "bash")
            {
                yield return (blocks[i].Text, i + 1 < blocks.Count && blocks[i + 1].Language == "text" ? blocks[i + 1].Text : null);
            }
        }
    }

    /// <summary>Follows it in a folder.</summary>
    public void Follow(string folder, string programs)
    {
        foreach (string preparation in Preparations)
        {
            Run(folder, programs, preparation);
        }

        foreach ((string commands, string? expected) in Steps())
        {
            string printed = Run(folder, programs, commands);
            if (expected is not null)
            {
                Compare(expected, printed);
            }
        }
    }

    /// <summary>Every expected line must be among the printed ones, in its order; "..." stands for anything.</summary>
    public static void Compare(string expected, string printed)
    {
        string[] lines = [.. printed.Split('\n').Select(Blanks)];
        int at = 0;
        foreach (string line in expected.Split('\n').Where(line => line.Length > 0))
        {
            string pattern = $"^{string.Join(".*", Blanks(line).Split("...").Select(Regex.Escape))}$";
            int found = Array.FindIndex(lines, at, printedLine => Regex.IsMatch(printedLine, pattern));
            Assert.True(found >= 0, $"The guide says\n  {line}\nafter line {at} of what was printed:\n{printed}");
            at = found + 1;
        }
    }

    private static string Blanks(string line) => ManyBlanks().Replace(line.Trim(), " ");

    /// <summary>Runs commands in a folder, with these programs before all others.</summary>
    public string Run(string folder, string programs, string commands)
    {
        ProcessStartInfo start = new("bash", ["-euo", "pipefail", "-c", commands])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["EDGECONV"] = RepositoryFolder.Path();
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{Name}: code {process.ExitCode} of\n{commands}\n{printed}\n{errors.Result}");
        return printed;
    }

    private IEnumerable<string> Comments(string word) => _lines.Where(line => line.StartsWith($"<!-- {word}: ", StringComparison.Ordinal))
        .Select(line => line[(word.Length + 7)..^4]);

    [GeneratedRegex(@"\s+")]
    private static partial Regex ManyBlanks();
}
