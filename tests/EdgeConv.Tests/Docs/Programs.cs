using System.Text;

namespace EdgeConv.Tests.Docs;

/// <summary>`edgeconv` and `edgeconv-agent` for a shell.</summary>
internal static class Programs
{
    /// <summary>Writes a folder for PATH.</summary>
    /// <param name="folder">Gets it.</param>
    /// <param name="built">Where their assemblies are.</param>
    public static string Write(TemporaryFolder folder, string built)
    {
        foreach (string name in new[] { "edgeconv", "edgeconv-agent" })
        {
            string script = folder.Write($"programs/{name}", Encoding.UTF8.GetBytes($"#!/bin/sh\nexec dotnet '{Path.Combine(built, name)}.dll' \"$@\"\n"));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }

        return folder.Path("programs");
    }
}
