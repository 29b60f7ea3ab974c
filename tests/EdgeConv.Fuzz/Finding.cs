namespace EdgeConv.Fuzz;

/// <summary>A file that broke the contract, and how, beside each other in a folder.</summary>
internal static class Finding
{
    public static void Write(string folder, string extension, byte[] file, string problem)
    {
        Directory.CreateDirectory(folder);
        string name = Path.Combine(folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file))[..16]);
        File.WriteAllBytes($"{name}.{extension}", file);
        File.WriteAllText($"{name}.txt", problem);
        Console.Error.WriteLine($"FOUND {name}.{extension}: {problem.Split('\n')[0]}");
    }
}
