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
            folder.Script($"programs/{name}", $"#!/bin/sh\nexec dotnet '{Path.Combine(built, name)}.dll' \"$@\"\n");
        }

        return folder.Path("programs");
    }
}
