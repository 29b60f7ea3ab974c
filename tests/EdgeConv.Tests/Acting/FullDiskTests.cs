using System.Diagnostics;
using EdgeConv.Converters.Data;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Acting;

/// <summary>A disk that takes no more while frames and lines are saved to it: the agent says so and goes on classifying.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FullDiskTests()
    {
        _folder.Write("brightest.ecm", BrightestPixelModel.Write());
        Random random = new(3);
        for (int i = 0; i < 2; i++)
        {
            // Dark noise, which no PNG makes small, and one bright quarter.
            byte[] pixels = [.. Enumerable.Range(0, 150 * 150).Select(at => (byte)(at / 150 < 75 && at % 150 / 75 == i ? 255 : random.Next(60)))];
            _folder.Write($"frames/{i}.pgm", [.. "P5 150 150 255\n"u8, .. pixels]);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_system_that_is_full_is_said_and_the_camera_watched_and_it_goes_on_saving_when_there_is_room_again()
    {
        string disk = Directory.CreateDirectory(_folder.Path("disk")).FullName;
        string[] fence = Fence();
        // A file system of 600 KB that only this process and its children see. 400 of them are taken until the agent has complained of both.
        (int code, string said, string errors) = await Run([.. fence, "bash", "-c", """
            mount -t tmpfs -o size=600k tmpfs "$1" && head -c 400k /dev/zero > "$1/ballast" || exit 9
            dotnet "$4" run --config "$5" > "$2" & agent=$!
            reach() { for i in $(seq 1200); do "$@" && return; kill -0 $agent || return; sleep 0.05; done; }
            complains() { grep -q 'append: .*No space' "$2" && grep -q 'save: .*No space' "$2"; }
            classes() { grep -c -e '  left  ' -e '  right  ' "$2"; }
            fills() {
              [ "$(classes "$@")" -gt $((seen + 60)) ] && [ "$(wc -l < "$1/seen.jsonl")" -gt "$(cat "$3/before")" ] \
                && [ "$(df -k --output=avail "$1" | tail -n 1)" -le 40 ]
            }
            reach complains "$@"
            seen=$(classes "$@")
            wc -l < "$1/seen.jsonl" > "$3/before"
            rm "$1/ballast"
            reach fills "$@"
            kill -TERM $agent
            wait $agent
            code=$?
            cp -r "$1/." "$3" && df -k --output=avail "$1" | tail -n 1 > "$3/left" && cat "$2"
            exit $code
            """, "disk", disk, _folder.Path("said"), Directory.CreateDirectory(_folder.Path("kept")).FullName, Agent, Configuration(disk)]);
        Assert.True((code, errors) == (0, ""), $"{code} {errors} {said}");
        string[] lines = said.Split('\n');
        int complaint = Array.FindIndex(lines, line => line.StartsWith("rule 1, append: No space left on device", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("rule 1, save: No space left on device", StringComparison.Ordinal));
        Assert.True(complaint >= 0 && lines[complaint..].Count(IsClass) > 50, said);
        string[] saved = File.ReadAllLines(_folder.Path("kept", "seen.jsonl"));
        Assert.True(saved.Length > int.Parse(File.ReadAllText(_folder.Path("kept", "before")), System.Globalization.CultureInfo.InvariantCulture), "lines after the room was made");
        AssertWhole(saved);
        string[] photos = Directory.GetFiles(_folder.Path("kept", "photos"), "*", SearchOption.AllDirectories);
        Assert.NotEmpty(photos);
        Assert.All(photos, photo => Assert.Equal(150, PictureFile.Decode(File.ReadAllBytes(photo), photo).Width));
        Assert.InRange(int.Parse(File.ReadAllText(_folder.Path("kept", "left")), System.Globalization.CultureInfo.InvariantCulture), 0, 40);
    }

    [Fact]
    public async Task A_file_that_may_not_grow_is_said_and_the_camera_watched()
    {
        // Every file's growth ends at 8 KB for this process: what a quota does to a program, without the right to mount a file system.
        (int code, string said, string errors) = await Run(
            ["bash", "-c", "trap '' XFSZ; ulimit -f 8; exec dotnet \"$0\" run --config \"$1\" --frames 400", Agent, Configuration(_folder.Root)]);
        Assert.Equal((0, ""), (code, errors));
        Assert.True(said.Contains("rule 1, append: ", StringComparison.Ordinal) && said.Contains("rule 1, save: ", StringComparison.Ordinal), said);
        Assert.True(said.Split('\n').Count(IsClass) > 50, said);
        byte[] lines = File.ReadAllBytes(_folder.Path("seen.jsonl"));
        Assert.InRange(lines.Length, 7000, 8192);
        Assert.Equal((byte)'\n', lines[^1]);
        Assert.Empty(Directory.GetFiles(_folder.Path("photos"), "*", SearchOption.AllDirectories));
    }

    private static string Agent => Path.Combine(AppContext.BaseDirectory, "edgeconv-agent.dll");

    private static bool IsClass(string line) => line.Contains("  left  ", StringComparison.Ordinal) || line.Contains("  right  ", StringComparison.Ordinal);

    private static void AssertWhole(string[] lines) =>
        Assert.All(lines, line => Assert.Equal("rule 1", System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("rule").GetString()));

    /// <summary>A command that gives what follows it file systems of its own, as root, or as anybody where the kernel lets them.</summary>
    private static string[] Fence()
    {
        string[][] ways = [["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]];
        string[]? way = ways.FirstOrDefault(way => Works([.. way, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]));
        Assert.SkipWhen(way is null, "nobody may mount a file system here");
        return way!;
    }

    private static bool Works(string[] command)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output, string Errors)> Run(string[] command)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The runtime's own files in memory are not what a limit is for.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(stop);
        string output = await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        return (process.ExitCode, output, await errors);
    }

    /// <summary>Saves and appends as often as it can, into a folder.</summary>
    private string Configuration(string to)
    {
        string file = _folder.Path("agent.toml");
        File.WriteAllText(file, $$"""
            model = "brightest.ecm"
            camera = "folder:{{_folder.Path("frames")}}?fps=200&loop=1"
            decide.votes = 1
            [[rule]]
            when = "any"
            again-every = "1 ms"
            append = "{{to}}/seen.jsonl"
            save = { folder = "{{to}}/photos", most-a-minute = 6000, megabytes-free = 0 }
            """);
        return file;
    }
}
