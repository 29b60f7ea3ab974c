using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using EdgeConv.Devices.Updating;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>What is signed is every byte, and there is one way to write it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PackageTests : IDisposable
{
    private readonly SigningBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_package_says_what_its_model_is_and_gives_its_bytes_back()
    {
        byte[] model = BrightestPixelModel.Write();
        SigningOptions options = new(7)
        {
            MinimumAgent = new Version(0, 1, 0),
            Latency = TimeSpan.FromMilliseconds(20),
            Frames = [new LabelledFrame(1, "P5 1 1 255\n0"u8.ToArray())],
            LeastAccuracy = 0.95,
            DataHash = new string('a', 64),
        };
        SignedModel read = SignedModel.Read(_bench.File("p.ecpkg", _bench.Package(7, options, model)), _bench.Trust);
        PackageManifest manifest = read.Manifest!;
        Assert.True(read.Bytes.Span.SequenceEqual(model));
        Assert.Equal(("brightest", 7L, 1, model.Length), (manifest.Name, manifest.Version, manifest.RoundingRule, manifest.ModelBytes));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(model)), manifest.ModelHash);
        Assert.Equal(["FullyConnected"], manifest.Operators);
        Assert.Equal(["left", "right", "below"], manifest.Labels);
        Assert.Contains(EdgeConv.Runtime.Kernels.KernelPath.Default.Name, manifest.Paths);
        Assert.Equal((0.95, TimeSpan.FromMilliseconds(20), new string('a', 64), null), (manifest.LeastAccuracy, manifest.Latency, manifest.DataHash, manifest.TrainingHash));
        LabelledFrame frame = Assert.Single(LabelledFrames.Read(read.Frames, 3, "p"));
        Assert.Equal(1, frame.Class);
    }

    [Fact]
    public void The_golden_package_of_version_1_is_read_checked_and_taken()
    {
        string folder = RepositoryFolder.Path("tests", "EdgeConv.Tests", "Devices", "Updating", "Golden");
        Trust trust = Trust.Open([Path.Combine(folder, "v1.pub.pem")]);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "v1.ecpkg"));
        PackageManifest manifest = SignedModel.Read(bytes, "v1", trust).Manifest!;
        Assert.Equal(("golden v1", 1L, TimeSpan.FromSeconds(1)), (manifest.Name, manifest.Version, manifest.Latency));
        UpdateResult result = _bench.Bring(bytes, _bench.Gate(with => with with { Trust = trust, Path = EdgeConv.Runtime.Kernels.KernelPath.Default }));
        Assert.True(result.Outcome == UpdateOutcome.Accepted, result.Message);
    }

    [Fact]
    public void A_detached_signature_and_its_model_put_together_are_a_package()
    {
        byte[] model = BrightestPixelModel.Write();
        byte[] head = PackageWriter.Head(PackageWriter.Describe(model, new SigningOptions(1)), _bench.Key);
        string file = _bench.File("m.ecm", model);
        Refused(UpdateReason.Unsigned, "there is no m.ecm.sig beside it", () => SignedModel.Read(file, _bench.Trust));
        _bench.File("m.ecm.sig", head);
        Assert.Equal(model, SignedModel.Read(file, _bench.Trust).Bytes.ToArray());
        Assert.Equal(model, SignedModel.Read(_bench.File("p.ecpkg", [.. head, .. model]), _bench.Trust).Bytes.ToArray());
        _bench.File("m.ecm", SigningBench.Model(2));
        Refused(UpdateReason.WrongContent, "another one, or changed since", () => SignedModel.Read(file, _bench.Trust));
    }

    [Fact]
    public void A_changed_byte_anywhere_is_refused()
    {
        byte[] package = _bench.Package(1, new SigningOptions(1) { Frames = [new LabelledFrame(0, "P5 1 1 255\n0"u8.ToArray())] });
        for (int i = 0; i < package.Length; i++)
        {
            byte[] changed = [.. package];
            changed[i] ^= (byte)(1 << i % 8);
            Assert.True(Fails(changed), $"byte {i} of {package.Length} was changed, and nobody noticed");
        }
    }

    [Fact]
    public void Every_truncation_and_every_addition_is_refused()
    {
        byte[] package = _bench.Package(1);
        for (int length = 0; length < package.Length; length++)
        {
            Assert.True(Fails(package[..length]), $"{length} of {package.Length} bytes were taken");
        }

        Assert.True(Fails([.. package, 0]));
        Assert.True(Fails([.. package, .. package]));
    }

    [Fact]
    public void Another_way_to_write_the_same_head_is_refused()
    {
        string text = Encoding.Latin1.GetString(_bench.Package(1, unsigned: true));
        (string From, string To)[] changes =
        [
            ("version 1\n", "version 01\n"), ("version 1\n", "version +1\n"), ("version 1\n", "version 1 \n"), ("version 1\n", "version 1\r\n"),
            ("rounding 1\n", "rounding 1\nrounding 1\n"), ("least-accuracy 0.000000\n", "least-accuracy 0\n"), ("minimum-agent 0.1.0\n", "minimum-agent 0.01.0\n"),
            ("key -\n", "extra 1\nkey -\n"), ("name model1\n", "label x\nname model1\n"), ("signature -\n", "signature  -\n"),
        ];
        foreach ((string from, string to) in changes)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            byte[] other = Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
            PackageException refused = Assert.Throws<PackageException>(() => SignedModel.Read(other, "p", Trust.Everybody));
            Assert.Equal(UpdateReason.Malformed, refused.Reason);
        }
    }

    [Fact]
    public void A_model_with_control_characters_in_its_name_is_not_signed()
    {
        byte[] model = BrightestPixelModel.Write(name: "a\nversion 9");
        Refused(UpdateReason.BadModel, "control characters", () => PackageWriter.Describe(model, new SigningOptions(1)));
    }

    [Fact]
    public void A_model_that_a_board_would_refuse_is_not_signed()
    {
        Refused(UpdateReason.SelfTest, "no golden vectors", () => PackageWriter.Describe(BrightestPixelModel.Write(golden: false), new SigningOptions(1)));
        Refused(UpdateReason.SelfTest, "selftest fails here", () => PackageWriter.Describe(BrightestPixelModel.Write(spoiled: true), new SigningOptions(1)));
    }

    [Fact]
    public void A_private_key_has_mode_0600_and_one_that_others_may_read_is_refused()
    {
        string file = _bench.Path("k.pem");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        foreach (UnixFileMode mode in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite, UnixFileMode.OtherExecute })
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            Refused(UpdateReason.WrongSignature, $"chmod 600 {file}", () => SigningKey.Open(file));
        }
    }

    [Fact]
    public void Keys_of_another_kind_and_keys_in_the_wrong_place_are_refused()
    {
        Refused(UpdateReason.WrongSignature, "not there; expected the file of a key, as `edgeconv keygen", () => SigningKey.Open(_bench.Path("none.pem")));
        Refused(UpdateReason.WrongSignature, "a private key; a public one belongs here", () => PublicKey.Open(_bench.Path("k.pem")));
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        foreach (string text in new[] { other.ExportSubjectPublicKeyInfoPem(), rsa.ExportSubjectPublicKeyInfoPem(), "no key at all", "" })
        {
            string file = _bench.File("other.pem", Encoding.UTF8.GetBytes(text));
            Refused(UpdateReason.WrongSignature, "expected a public key for ECDSA on P-256", () => PublicKey.Open(file));
        }

        File.SetUnixFileMode(_bench.Path("k.pub.pem"), (UnixFileMode)0b110_110_110);
        Refused(UpdateReason.WrongSignature, "anybody may change this key", () => PublicKey.Open(_bench.Path("k.pub.pem")));
    }

    [Fact]
    public void A_new_pair_of_keys_never_takes_the_place_of_another()
    {
        byte[] before = File.ReadAllBytes(_bench.Path("k.pem"));
        Assert.Throws<IOException>(() => SigningKey.Create(_bench.Path("k.pem"), _bench.Path("new.pub.pem")));
        Assert.Throws<IOException>(() => SigningKey.Create(_bench.Path("new.pem"), _bench.Path("k.pub.pem")));
        Assert.Equal(before, File.ReadAllBytes(_bench.Path("k.pem")));
        Assert.False(File.Exists(_bench.Path("new.pem")), "half a pair stayed behind");
    }

    private bool Fails(byte[] package)
    {
        try
        {
            SignedModel.Read(package, "p", _bench.Trust);
            return false;
        }
        catch (PackageException)
        {
            return true;
        }
    }

    private static void Refused(UpdateReason reason, string says, Func<object> work)
    {
        PackageException refused = Assert.Throws<PackageException>(work);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.Equal(reason, refused.Reason);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
