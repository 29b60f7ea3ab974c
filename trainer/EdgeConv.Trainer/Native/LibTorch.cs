using System.Runtime.InteropServices;
using EdgeConv.Trainer.Training;
using TorchSharp;

namespace EdgeConv.Trainer.Native;

/// <summary>Readies the native libraries, before anything of TorchSharp is touched: a failed load cannot be repeated.</summary>
public static partial class LibTorch
{
    // libLibTorchSharp.so names this version for one marker symbol (std::ios_base_library_init) that nothing is relocated against.
    // The libstdc++ of Debian 12 and Ubuntu 22.04 ends at 3.4.30, and without the mark their loader refuses the file.
    private const string MarkerVersion = "GLIBCXX_3.4.32";

    private static readonly Lock _lock = new();
    private static readonly string[] _gpuLibraries = ["libtorch_cuda.so", "torch_cuda.dll"];
    private static bool _ready, _gpu;

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
                MarkWeak(Find("libLibTorchSharp.so"));
            }
            _ready = true;
        }
    }

    /// <summary>As libtorch says it.</summary>
    public static string Version
    {
        get
        {
            Prepare();
            return torch.__version__;
        }
    }

    /// <summary>The device of tensors that a network makes and is given.</summary>
    public static torch.Device Device
    {
        get
        {
            Prepare();
            return _gpu ? torch.CUDA : torch.CPU;
        }
    }

    /// <summary>Whether libtorch is one for GPUs and finds one.</summary>
    public static bool HasGpu
    {
        get
        {
            Prepare();
            // Asked without its files, TorchSharp looks for them by copying all of libtorch.
            return _gpuLibraries.SelectMany(Candidates).Any(File.Exists) && torch.cuda.is_available();
        }
    }

    /// <summary>Where networks that are made from now on compute.</summary>
    /// <exception cref="TrainingException">A GPU is asked for, and there is none.</exception>
    public static void UseDevice(ComputeDevice device)
    {
        if (device == ComputeDevice.Cuda && !HasGpu)
        {
            throw new TrainingException(
                "libtorch finds no GPU. With one of NVIDIA's, `export EDGECONV_LIBTORCH=cuda` and train again: the installed command " +
                "fetches another libtorch; in a checkout `dotnet build trainer/EdgeConv.Trainer -c Release` does. Without one, leave --device out.");
        }
        _gpu = device == ComputeDevice.Cuda;
    }

    /// <summary>The values of a tensor, wherever it is.</summary>
    public static float[] Floats(this torch.Tensor tensor)
    {
        using torch.Tensor near = tensor.cpu();
        return near.data<float>().ToArray();
    }

    /// <summary>
    /// Lets the calling thread compute alone whatever it asks libtorch for. Where several share an operation, its sums differ in their last
    /// bits with their number, and a training ends elsewhere; here parts of a batch are shared, which are the same on every machine.
    /// </summary>
    public static void UseOneThread()
    {
        Prepare();
        torch.set_num_threads(1); // of this thread, and of those that libtorch meets later
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

    private static string[] Candidates(string file) =>
    [
        Path.Combine(AppContext.BaseDirectory, "runtimes", OperatingSystem.IsWindows() ? "win-x64" : "linux-x64", "native", file),
        Path.Combine(AppContext.BaseDirectory, file), // published for one runtime
    ];

    private static string Find(string file)
    {
        bool served = RuntimeInformation.OSArchitecture == Architecture.X64;
        return (served ? Candidates(file).FirstOrDefault(File.Exists) : null) ?? throw new TrainingException(
            $"There is no libtorch here for {RuntimeInformation.RuntimeIdentifier}. Training runs on Linux x64, Windows x64 and macOS on " +
            "Apple silicon; train there and copy the run folder, or bring a network through ONNX.");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
