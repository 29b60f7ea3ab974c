using System.ComponentModel;
using System.Diagnostics;

namespace EdgeConv.Agent.Operating;

/// <summary>The systemd that the service is for: this machine's, the user's own, or that of an image in a folder, which does not run.</summary>
/// <param name="Root">The image's root, or null for the machine that runs.</param>
/// <param name="IsUsersOwn">The user's own manager.</param>
internal sealed record Target(string? Root, bool IsUsersOwn)
{
    /// <summary>Where the unit is.</summary>
    public string File => IsUsersOwn
        ? Path.Combine(Root ?? "", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".config/systemd/user", ServiceUnit.FileName)
        : At($"/etc/systemd/system/{ServiceUnit.FileName}");

    /// <summary>From --root and --scope.</summary>
    /// <exception cref="UsageException">They make no sense.</exception>
    public static Target Of(Arguments arguments)
    {
        bool isUsersOwn = arguments.Option("--scope") switch
        {
            null or "system" => false,
            "user" => true,
            string other => throw new UsageException($"--scope {other}: expected system or user."),
        };
        if (isUsersOwn && (arguments.Option("--user") ?? arguments.Option("--root")) is not null)
        {
            throw new UsageException("--scope user is for one's own account on this machine: without --user and --root.");
        }

        return new Target(arguments.Option("--root") is { } root ? Path.GetFullPath(root) : null, isUsersOwn);
    }

    /// <summary>A path of the target, seen from here.</summary>
    public string At(string path) => Root is null ? path : Root + path;

    /// <summary>A systemctl command line for people.</summary>
    public string Command(string what) => IsUsersOwn ? $"systemctl --user {what}" : Root is null ? $"sudo systemctl {what}" : $"systemctl --root={Root} {what.Replace("--now ", "", StringComparison.Ordinal)}";

    /// <summary>Runs systemctl, unless the target is an image. What it cannot do is said; the unit is there all the same.</summary>
    public void Systemctl(TextWriter output, params IEnumerable<string> arguments)
    {
        if (Root is not null)
        {
            return;
        }

        string[] all = [.. IsUsersOwn ? ["--user"] : Array.Empty<string>(), .. arguments];
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("systemctl", all) { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                output.WriteLine($"warning: systemctl {string.Join(' ', all)}: {errors.ReplaceLineEndings(" ")}");
            }
        }
        catch (Win32Exception error)
        {
            output.WriteLine($"warning: systemctl cannot be started: {error.Message}");
        }
    }
}
