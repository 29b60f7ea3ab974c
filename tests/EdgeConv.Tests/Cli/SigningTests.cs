using System.Runtime.Versioning;
using System.Text.Json;
using EdgeConv.Cli;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Cli;

/// <summary>keygen, sign, and verify --signature.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SigningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public SigningTests() => _model = _folder.Write("m.ecm", BrightestPixelModel.Write());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_signed_and_its_signature_checked()
    {
        Keygen();
        _folder.Write("data/a/1.txt", "abc"u8.ToArray());
        CliRun signed = CliRun.Of("sign", _model, "--key", At("k.pem"), "--model-version", "12", "--latency", "2.5", "--trained-on", At("data"), "--run", At("m.ecm"));
        Assert.True(signed.Code == 0, signed.Errors);
        Assert.Contains("m.ecm.sig  brightest 12, key ", signed.Output, StringComparison.Ordinal);
        CliRun verified = CliRun.Of("verify", _model, "--signature", "--key", At("k.pub.pem"));
        Assert.True(verified.Code == 0, verified.Errors);
        foreach (string words in new[] { "brightest 12", "rounding rule 1", "FullyConnected", "left, right, below", "Vector128", "at most 2.5", "minimum agent   0.1.0" })
        {
            Assert.Contains(words, verified.Output, StringComparison.Ordinal);
        }

        PackageManifest manifest = SignedModel.Read(_model, Trust.Open([At("k.pub.pem")])).Manifest!;
        // printf '%s  ./a/1.txt\n' $(printf abc | sha256sum | cut -d' ' -f1) | sha256sum
        Assert.Equal("8779b34cfd9e2b699118907dd04fa356d3edd2f0ed6dbcc87366382748ceb958", manifest.DataHash);
        Assert.Equal(manifest.ModelHash, manifest.TrainingHash);
    }

    [Fact]
    public void A_changed_model_and_another_key_are_refused()
    {
        Keygen();
        Assert.Equal(0, CliRun.Of("keygen", "-o", At("other.pem")).Code);
        Assert.Equal(0, CliRun.Of("sign", _model, "--key", At("k.pem")).Code);
        CliRun.Of("verify", _model, "--signature", "--key", At("other.pub.pem")).Failed(ExitCode.Failed, "signed by the key", "and this board trusts");
        _folder.Write("m.ecm", BrightestPixelModel.Write(name: "brightesT"));
        CliRun.Of("verify", _model, "--signature", "--key", At("k.pub.pem")).Failed(ExitCode.Failed, "not the model that m.ecm.sig was made for");
        File.Delete(At("m.ecm.sig"));
        CliRun.Of("verify", _model, "--signature", "--key", At("k.pub.pem")).Failed(ExitCode.Failed, "nobody signed it");
    }

    [Fact]
    public void A_package_has_the_model_and_the_frames_and_may_go_without_signature()
    {
        Keygen();
        _folder.Write("frames/left/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        Assert.Equal(0, CliRun.Of("sign", _model, "--key", At("k.pem"), "--package", At("m.ecpkg"), "--frames", At("frames"), "--least-accuracy", "0.5").Code);
        Assert.Contains("50.0 % of its labelled frames", CliRun.Of("verify", At("m.ecpkg"), "--signature", "--key", At("k.pub.pem")).Output, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("sign", _model, "--unsigned", "--package", At("u.ecpkg")).Code);
        CliRun.Of("verify", At("u.ecpkg"), "--signature", "--key", At("k.pub.pem")).Failed(ExitCode.Failed, "nobody signed it");
        long version = SignedModel.Read(At("u.ecpkg"), Trust.Everybody).Manifest!.Version;
        Assert.InRange(version, 20250000000000, 21000000000000);
    }

    [Fact]
    public void Labelled_frames_that_a_board_would_stumble_over_are_named_before_anything_is_signed()
    {
        Keygen();
        string good = _folder.Write("frames/left/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        string[] sign = ["sign", _model, "--key", At("k.pem"), "--package", At("m.ecpkg"), "--frames", At("frames")];
        foreach (byte[] broken in new byte[][] { [.. "P5 2 2 255\n"u8, 255], [0x89, .. "PNG\r\n"u8], [.. "P5 60000 60000 255\n0"u8], [] })
        {
            string file = _folder.Write("frames/right/2.png", broken);
            CliRun.Of(sign).Failed(ExitCode.Failed, file, "A board would refuse the package for it; nothing was signed");
        }

        File.Delete(At("frames/right/2.png"));
        Assert.Equal(0, CliRun.Of(sign).Code);
        PackageException error = Assert.Throws<PackageException>(() =>
            PackageWriter.Describe(File.ReadAllBytes(_model), new SigningOptions(1) { Frames = [new LabelledFrame(3, File.ReadAllBytes(good), good)] }));
        Assert.Contains($"{good}: class 3, and brightest has 3, from 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_shows_what_is_in_it_and_commands_that_want_a_model_say_what_it_is()
    {
        Keygen();
        _folder.Write("frames/left/1.pgm", [.. "P5 2 2 255\n"u8, 255, 0, 0, 0]);
        string package = At("m.ecpkg"), unsigned = At("u.ecpkg");
        Assert.Equal(0, CliRun.Of("sign", _model, "--key", At("k.pem"), "--package", package, "--frames", At("frames"), "--model-version", "12").Code);
        Assert.Equal(0, CliRun.Of("sign", _model, "--unsigned", "--package", unsigned).Code);
        SignedModel read = SignedModel.Read(package, Trust.Everybody);
        CliRun shown = CliRun.Of("inspect", package);
        Assert.True(shown.Code == 0, shown.Errors);
        foreach (string words in new[] { "a package for boards", "brightest 12", read.Manifest!.ModelHash, read.Manifest.FramesHash, $"key {read.Key}", "labelled frames", "verify" })
        {
            Assert.Contains(words, shown.Output, StringComparison.Ordinal);
        }

        Assert.Contains("nobody", CliRun.Of("inspect", unsigned).Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("inspect", package, "--json").Output);
        Assert.Equal((read.Key, 12), (json.RootElement.GetProperty("key").GetString(), json.RootElement.GetProperty("manifest").GetProperty("version").GetInt64()));

        CliRun.Of("sign", package, "--key", At("k.pem")).Failed(ExitCode.Failed, "a package already, of brightest 12, signed by the key", "sign the model that it was made from");
        CliRun.Of("sign", unsigned, "--key", At("k.pem"), "--package", At("again.ecpkg")).Failed(ExitCode.Failed, "which nobody signed");
        CliRun.Of("inspect", package, "--board", "esp32").Failed(ExitCode.Failed, "is a package for boards", "edgeconv inspect");
        CliRun.Of("run", package, At("frames")).Failed(ExitCode.Failed, "is a package for boards");
        byte[] bytes = File.ReadAllBytes(package);
        CliRun.Of("inspect", _folder.Write("cut.ecpkg", bytes[..^1])).Failed(ExitCode.Failed, "it is cut short");
        bytes[^1] ^= 1;
        CliRun.Of("inspect", _folder.Write("changed.ecpkg", bytes)).Failed(ExitCode.Failed, "its labelled frames was changed or exchanged");
    }

    [Fact]
    public void A_signature_in_the_place_of_its_model_is_said_to_be_one()
    {
        Keygen();
        Assert.Equal(0, CliRun.Of("sign", _model, "--key", At("k.pem")).Code);
        string signature = _model + ".sig";
        CliRun.Of("verify", signature, "--signature", "--key", At("k.pub.pem")).Failed(ExitCode.Failed, "it is a signature alone; name the model that it belongs to, ", $"{_model}.");
        CliRun.Of("inspect", signature).Failed(ExitCode.Failed, "it is a signature alone");
        CliRun.Of("sign", signature, "--key", At("k.pem")).Failed(ExitCode.Failed, "it is a signature alone");
        CliRun.Of("verify", signature).Failed(ExitCode.Failed, "is a package for boards, or a signature");
    }

    [Fact]
    public void A_key_that_others_may_read_signs_nothing()
    {
        Keygen();
        File.SetUnixFileMode(At("k.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        CliRun.Of("sign", _model, "--key", At("k.pem")).Failed(ExitCode.Failed, "others may read this private key (mode 604)", "chmod 600");
        Assert.False(File.Exists(At("m.ecm.sig")));
    }

    [Fact]
    public void Mistakes_are_said()
    {
        Keygen();
        CliRun.Of("keygen", "-o", At("k.pem")).Failed(ExitCode.Failed, "a key is never written over");
        CliRun.Of("sign", _model).Failed(ExitCode.Usage, "name the key");
        CliRun.Of("sign", _model, "--unsigned").Failed(ExitCode.Usage, "with --package, --unsigned");
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--unsigned", "--package", At("m.ecpkg")).Failed(ExitCode.Usage, "expected one of them");
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--least-accuracy", "0.5").Failed(ExitCode.Usage, "go with --package");
        CliRun.Of("sign", _model, "--key", _folder.Root).Failed(ExitCode.Failed, "a folder; expected the file of a key");
        CliRun.Of("sign", _model, "--key", At("k.pub.pem")).Failed(ExitCode.Failed, "k.pub.pem: a public key, which signs nothing", "k.pem signs");
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--minimum-agent", "new").Failed(ExitCode.Usage, "expected a version such as 0.1.0");
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--model-version", "-1").Failed(ExitCode.Usage, "a whole number from 0");
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--trained-on", At("nothing")).Failed(ExitCode.Failed, "no such file or folder");
        CliRun.Of("verify", _model, "--signature").Failed(ExitCode.Usage, "go together");
        CliRun.Of("sign", _folder.Write("bad.ecm", BrightestPixelModel.Write(spoiled: true)), "--key", At("k.pem")).Failed(ExitCode.Failed, "its selftest fails here", "Nothing was signed");
    }

    [Fact]
    public void A_package_is_never_written_over_the_key_or_the_model()
    {
        Keygen();
        byte[] key = File.ReadAllBytes(At("k.pem")), model = File.ReadAllBytes(_model);
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--package", At("k.pem")).Failed(ExitCode.Usage, "a package's name ends in .ecpkg");
        CliRun.Of("sign", _model, "--key", At("k.pem"), "--package", _model).Failed(ExitCode.Usage, "such as ", "m.ecpkg");
        Assert.Equal(key, File.ReadAllBytes(At("k.pem")));
        Assert.Equal(model, File.ReadAllBytes(_model));
    }

    private string At(string name) => _folder.Path(name);

    private void Keygen()
    {
        CliRun made = CliRun.Of("keygen", "-o", At("k.pem"));
        Assert.True(made.Code == 0, made.Errors);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("k.pem")));
        Assert.True(File.Exists(At("k.pub.pem")));
    }
}
