using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Runtime;
using EdgeConv.Tests.Cli;
using EdgeConv.Tests.CodeGen;

namespace EdgeConv.Tests.Firmware;

/// <summary>The experiment of firmware/cortex-m/csharp-experimental: the runtime's own kernels on emulated Cortex-Ms.</summary>
public sealed class CSharpOnCortexMTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private const int MegaHertz = 25;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_reference_kernels_give_every_layer_of_LeNet_on_M3_and_M4_and_M7()
    {
        Build(lenet.Model);
        foreach (string machine in (string[])["mps2-an385", "mps2-an386", "mps2-an500"])
        {
            Assert.Equal(0, Emulate(machine));
            long instructions = BitConverter.ToInt32(File.ReadAllBytes(_folder.Path("ticks.bin"))) * 1000L / MegaHertz;
            Assert.InRange(instructions, 1_000_000, 25_000_000);
        }
    }

    [Fact]
    public void A_layer_with_a_wrong_weight_is_named()
    {
        byte[] file = File.ReadAllBytes(lenet.Model);
        using (Model model = Model.Open(lenet.Model))
        {
            FullyConnectedOp layer = model.Operators.OfType<FullyConnectedOp>().First();
            int weights = (int)model.Tensors[layer.Weights].Offset;
            for (int i = 0; i < 400; i++)
            {
                file[weights + i] ^= 0x7F;
            }

            Build(_folder.Write("wrong.ecm", file));
            Assert.Equal(model.Operators.Index().First(step => step.Item == layer).Index + 1, Emulate("mps2-an386"));
        }
    }

    private void Build(string model)
    {
        McuEmulators.Need();
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64, "the pinned compiler is one for Linux x64");
        CProgram.Run(RepositoryFolder.Path("firmware", "cortex-m", "csharp-experimental", "build.sh"), model, _folder.Root);
    }

    private int Emulate(string machine)
    {
        using Process qemu = Process.Start(new ProcessStartInfo("qemu-system-arm",
            ["-M", machine, "-display", "none", "-monitor", "none", "-serial", "null", "-semihosting-config", "enable=on,target=native", "-icount", "shift=0",
                "-kernel", _folder.Path("program.elf")])
        {
            WorkingDirectory = _folder.Root,
        })!;
        Assert.True(qemu.WaitForExit(TimeSpan.FromMinutes(2)), "the emulator does not end");
        return qemu.ExitCode;
    }
}
