using System.Diagnostics;

namespace EdgeConv.Tests.CodeGen;

/// <summary>Whether compiler and emulator for microcontrollers are installed.</summary>
internal static class McuEmulators
{
    private static readonly Lazy<bool> _areHere = new(() =>
    {
        using Process check = Process.Start(RepositoryFolder.Path("tests", "emulators", "install.sh"), "--check");
        check.WaitForExit();
        return check.ExitCode == 0;
    });

    /// <summary>Whether they are.</summary>
    public static bool AreHere => _areHere.Value;

    /// <summary>Skips a test where they are not.</summary>
    public static void Need() => Assert.SkipWhen(!AreHere, "no emulators here; tests/emulators/install.sh installs them");
}
