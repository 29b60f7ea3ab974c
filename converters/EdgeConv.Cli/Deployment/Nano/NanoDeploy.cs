using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Deployment.Nano;

/// <summary>What deploy to a nanoFramework board was asked for.</summary>
/// <param name="App">Folder of an application that was exported and built, or a model file.</param>
/// <param name="Port">The board's serial port.</param>
internal sealed record NanoDeployOptions(string App, string Port)
{
    /// <summary>nanoff's name of the board, whose firmware is written first; null to keep the firmware.</summary>
    public string? Board { get; init; }

    /// <summary>Speed of the port.</summary>
    public int Baud { get; init; } = 921600;

    /// <summary>How long the board's word is waited for; zero for not at all.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What deploy did.</summary>
/// <param name="Port">Where the board is.</param>
/// <param name="Assemblies">Names, in the image's order.</param>
/// <param name="ImageBytes">Length of the image.</param>
/// <param name="Golden">CRC-32C of the answer to the golden vector, as the board computed it; null where nothing was asked or there is none.</param>
internal sealed record NanoDeployResult(string Port, IReadOnlyList<string> Assemblies, int ImageBytes, string? Golden);

/// <summary>Writes an application to a nanoFramework board and waits for its own check of the golden vector.</summary>
internal static class NanoDeploy
{
    /// <summary>Deploys. What can be looked at before is, so that nothing is written in vain.</summary>
    /// <exception cref="FailureException">It does not work, or the board computes other bytes.</exception>
    public static NanoDeployResult Run(NanoDeployOptions options, Terminal terminal, CancellationToken cancel)
    {
        using TemporaryFolder folder = new();
        NanoFlasher.Need();
        BoardConsole.Need(options.Port);
        NanoApplication application = Directory.Exists(options.App) ? NanoApplication.Open(options.App) : NanoApplication.Build(options.App, folder, cancel);
        IReadOnlyList<string> files = application.PeFiles;
        byte[] image = NanoImage.Create(files);
        NanoFlasher flasher = new(options.Port);
        if (options.Board is { } board)
        {
            terminal.Note($"writing nanoFramework for {board} (some minutes)");
            NanoFlasher.Run(flasher.FirmwareArguments(board), $"write the firmware of {board}", cancel);
        }

        terminal.Note($"writing {files.Count} assemblies, {Units.Bytes(image.Length)}, to the board at {options.Port}");
        string path = folder.File("app.bin");
        File.WriteAllBytes(path, image);
        NanoFlasher.Run(flasher.ImageArguments(path), "write the application", cancel);
        string? golden = null;
        if (options.Timeout > TimeSpan.Zero)
        {
            terminal.Note("waiting for the board's check of the golden vector");
            golden = new BoardConsole(options.Port, options.Baud, terminal).WaitForGolden(options.Timeout, cancel);
            if (application.Golden is { } expected && golden is not null && golden != expected)
            {
                throw new FailureException($"the board runs another model: it says 'golden ok {golden}', and this one's answer is {expected}. Deploy again.");
            }
        }

        return new NanoDeployResult(options.Port, [.. files.Select(file => Path.GetFileNameWithoutExtension(file)!)], image.Length, golden);
    }
}
