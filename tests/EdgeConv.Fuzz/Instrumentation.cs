using SharpFuzz;

namespace EdgeConv.Fuzz;

/// <summary>A copy of this program whose assemblies under test say which branches they take.</summary>
internal static class Instrumentation
{
    /// <summary>Copies and instruments.</summary>
    /// <returns>The program's file in the copy.</returns>
    public static string Copy(string folder, IEnumerable<(string Assembly, string[] Types)> instrumented)
    {
        string home = AppContext.BaseDirectory;
        foreach (string path in Directory.GetFiles(home, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(home, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        foreach ((string assembly, string[] types) in instrumented)
        {
            int count = Fuzzer.Instrument(Path.Combine(folder, assembly), type => types.Any(t => type.StartsWith(t, StringComparison.Ordinal)), Options.Value).Count();
            if (count == 0)
            {
                throw new InvalidOperationException($"nothing in {assembly} is named {string.Join(", ", types)}");
            }
        }

        return Path.Combine(folder, "EdgeConv.Fuzz.dll");
    }
}
