using System.Runtime.InteropServices;
using TorchSharp;

namespace EdgeConv.Trainer.Native;

/// <summary>Readies the native libraries, before anything of TorchSharp is touched: a failed load cannot be repeated.</summary>
public static partial class LibTorch
{
    // libLibTorchSharp.so names this version for one marker symbol (std::ios_base_library_init) that nothing is relocated against.
    // The libstdc++ of Debian 12 and Ubuntu 22.04 ends at 3.4.30, and without the mark their loader refuses the file.
    private const string MarkerVersion = "GLIBCXX_3.4.32";

    private static readonly Lock _lock = new();
    private static bool _ready;

    /// <summary>May be called often and from several threads; does its work once.</summary>
    /// <exception cref="TrainingException">There is no libtorch for this machine, or its folder cannot be written.</exception>
    public static void Prepare()
    {
        lock (_lock)
        {
            if (_ready) return;
            if (OperatingSystem.IsLinux())
            {
                // Waiting OpenMP threads that spin take the core from the thread they wait for. libgomp reads this once, when it is
                // loaded, and .NET's own SetEnvironmentVariable does not reach libc.
                _ = SetEnv("OMP_WAIT_POLICY", "passive", 0);
                MarkWeak(Find("linux-x64", "libLibTorchSharp.so"));
            }
            _ready = true;
        }
    }

    /// <summary>Threads that share one operation. The result of a training depends on it in its last bits.</summary>
    public static void UseThreads(int count)
    {
        Prepare();
        if (torch.get_num_threads() != count) torch.set_num_threads(count);
    }

    private static void MarkWeak(string library)
    {
        try
        {
            ElfVersionNeeds.MarkWeak(library, MarkerVersion);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new TrainingException(
                $"{library} needs a one-time change for this system and cannot be written: {e.Message} " +
                "Train once as the owner of that folder.", e);
        }
    }

    private static string Find(string runtime, string file)
    {
        string[] candidates =
        [
            Path.Combine(AppContext.BaseDirectory, "runtimes", runtime, "native", file),
            Path.Combine(AppContext.BaseDirectory, file), // published for one runtime
        ];
        bool served = RuntimeInformation.OSArchitecture == Architecture.X64;
        return (served ? candidates.FirstOrDefault(File.Exists) : null) ?? throw new TrainingException(
            $"There is no libtorch here for {RuntimeInformation.RuntimeIdentifier}. Training runs on Linux x64, Windows x64 and macOS on " +
            "Apple silicon; train there and copy the run folder, or bring a network through ONNX.");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
