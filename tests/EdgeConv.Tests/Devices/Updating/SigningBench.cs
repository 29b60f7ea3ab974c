using EdgeConv.Devices.Updating;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>A key, models and a board's slots in a folder of their own.</summary>
internal sealed class SigningBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SigningBench()
    {
        Key = SigningKey.Create(Path("k.pem"), Path("k.pub.pem"));
        Trust = Trust.Open([Path("k.pub.pem")]);
    }

    public SigningKey Key { get; }

    public Trust Trust { get; }

    public ModelSlots Slots => new(Path("slots"));

    public string Path(params string[] parts) => _folder.Path(parts);

    /// <summary>A gate that knows the key.</summary>
    public UpdateGate Gate(Func<GateOptions, GateOptions>? with = null)
    {
        GateOptions options = new() { Agent = new Version(0, 1, 0), Trust = Trust, Path = KernelPath.Reference };
        return new UpdateGate(Slots, with is null ? options : with(options));
    }

    /// <summary>The bytes of a package; its model's name has the version in it, so that each is another.</summary>
    public byte[] Package(long version, SigningOptions? options = null, byte[]? model = null, SigningKey? key = null, bool unsigned = false)
    {
        byte[] bytes = model ?? Model(version);
        PackageManifest manifest = PackageWriter.Describe(bytes, (options ?? new SigningOptions(version)) with { Version = version });
        return PackageWriter.Write(manifest, unsigned ? null : key ?? Key, bytes, options?.Frames ?? []);
    }

    public static byte[] Model(long version) => BrightestPixelModel.Write(name: $"model{version}");

    /// <summary>Writes a file.</summary>
    public string File(string name, byte[] bytes) => _folder.Write(name, bytes);

    /// <summary>Brings bytes to a gate.</summary>
    public UpdateResult Bring(byte[] package, UpdateGate? gate = null) => (gate ?? Gate()).Accept(File("in.ecpkg", package));

    public void Dispose()
    {
        Key.Dispose();
        _folder.Dispose();
    }
}
