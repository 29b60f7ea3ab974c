using System.Text.RegularExpressions;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Generated C by the rules of those who must justify every line of it: all of clang's warnings, and some of MISRA C:2012's rules.</summary>
public sealed partial class CodeRulesTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    // Strings as long as the assembly that they are, and what only newer versions of clang have.
    private static readonly string[] _allowed =
        ["-Wno-overlength-strings", "-Wno-unsafe-buffer-usage", "-Wno-unknown-warning-option"];

    private static readonly string[][] _processors =
    [
        [],
        ["-DEDGECONV_DSP=1"],
        ["-DEDGECONV_DSP=1", "-DEDGECONV_MVE=1"],
        ["--target=arm-none-eabi", "-mthumb", "-mcpu=cortex-m3", "-mfloat-abi=soft", "-ffreestanding"],
        ["--target=arm-none-eabi", "-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=soft", "-ffreestanding"],
        ["--target=arm-none-eabi", "-mthumb", "-mcpu=cortex-m55", "-mfloat-abi=hard", "-ffreestanding"],
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clang_has_nothing_to_say_with_all_its_warnings_on_every_processor()
    {
        Assert.SkipUnless(CProgram.IsInstalled("clang"), "clang is not installed.");
        foreach ((int i, Model model) in Models().Index())
        {
            using (model)
            {
                foreach (CodeFile file in CExport.Write(model).Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)))
                {
                    _folder.Write($"{i}/{file.Path}", System.Text.Encoding.UTF8.GetBytes(file.Text));
                }

                string[] files = Directory.GetFiles(_folder.Path($"{i}", "src"), "*.c");
                Parallel.ForEach(_processors, processor => CProgram.Run("clang", [.. processor, "-std=c99", "-Weverything", "-Werror", .. _allowed, "-fsyntax-only", .. files]));
            }
        }
    }

    [Fact]
    public void Bodies_have_braces_numbers_no_leading_zero_and_no_function_calls_itself()
    {
        foreach (Model model in Models())
        {
            using (model)
            {
                foreach (CodeFile file in CExport.Write(model).Where(file => file.Path.EndsWith(".c", StringComparison.Ordinal) || file.Path.EndsWith(".h", StringComparison.Ordinal)))
                {
                    string code = Strings().Replace(Comments().Replace(file.Text, ""), "\"\"");
                    Assert.DoesNotMatch(Forbidden(), code);
                    string[] lines = code.Split('\n');
                    Assert.All(lines.Index().Where(line => Control().IsMatch(line.Item)),
                        line => Assert.True(HasBraces(lines, line.Index), $"{file.Path}, line {line.Index + 1}, has no braces: {line.Item}"));
                    Assert.Empty(Recursive(code));
                }
            }
        }
    }

    private IEnumerable<Model> Models()
    {
        yield return Model.Open(lenet.Model);
        yield return Model.Load(RandomNetwork.WithEveryKind(1));
        foreach (int seed in (int[])[70_001, 70_002])
        {
            yield return RandomNetwork.Build(seed);
        }
    }

    /// <summary>Whether a condition, perhaps of several lines, is followed by a brace; #define and do-while aside.</summary>
    private static bool HasBraces(string[] lines, int first)
    {
        string all = "";
        for (int i = first; i < Math.Min(first + 6, lines.Length); i++)
        {
            all += lines[i].TrimEnd('\\', ' ');
            if (all.Count(c => c == '(') == all.Count(c => c == ')'))
            {
                return all.Contains('{', StringComparison.Ordinal) || all.EndsWith(';');
            }
        }

        return false;
    }

    /// <summary>Functions that reach themselves by the calls in their bodies.</summary>
    private static IEnumerable<string> Recursive(string code)
    {
        Dictionary<string, HashSet<string>> calls = [];
        foreach (Match function in Functions().Matches(code))
        {
            HashSet<string> called = [.. Calls().Matches(function.Groups["body"].Value).Select(call => call.Groups[1].Value)];
            string name = function.Groups["name"].Value;
            calls[name] = calls.TryGetValue(name, out HashSet<string>? before) ? [.. before, .. called] : called;
        }

        Assert.All(calls.Keys, name => Assert.NotEqual("", name));
        foreach (string name in calls.Keys)
        {
            HashSet<string> seen = [];
            Queue<string> next = new(calls[name]);
            while (next.TryDequeue(out string? at))
            {
                if (seen.Add(at) && calls.TryGetValue(at, out HashSet<string>? further))
                {
                    foreach (string call in further)
                    {
                        next.Enqueue(call);
                    }
                }
            }

            if (seen.Contains(name))
            {
                yield return name;
            }
        }
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"""(\\.|[^""\\])*""")]
    private static partial Regex Strings();

    /// <summary>goto, setjmp, a heap, unions; octal numbers.</summary>
    [GeneratedRegex(@"\b(goto|setjmp|longjmp|malloc|calloc|realloc|free|union)\b|(?<![\w.])0[0-7]+\b")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"^\s*(\} )?(if|for|else)\b|^\s*while\b")]
    private static partial Regex Control();

    [GeneratedRegex(@"^(?:static |inline |EDGECONV_\w+ )*\w+ \**(?<name>\w+)\([^;{]*?\)\n\{\n(?<body>.*?)\n\}", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Functions();

    [GeneratedRegex(@"\b([A-Za-z_]\w*)\(")]
    private static partial Regex Calls();
}
