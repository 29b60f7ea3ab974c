using EdgeConv.Agent.Fleet;
using EdgeConv.Devices.Updating;

namespace EdgeConv.Tests.Devices.Updating;

/// <summary>Names that have to outlast a power cut, by the folders that cannot be brought to the disk.</summary>
public sealed class DurableFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_made_with_those_above_it_and_synced()
    {
        string folder = _folder.Path("one", "two");
        DurableFolder.Make(folder);
        DurableFolder.Make(folder);
        DurableFolder.Sync(folder);
        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_synced_is_said()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "names are synced on Linux");
        Assert.Contains("cannot be opened", Assert.Throws<IOException>(() => DurableFolder.Sync(_folder.Path("nowhere"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fleets_memory_brings_its_name_to_the_disk_where_a_stage_ends()
    {
        if (!OperatingSystem.IsLinux() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("only Linux keeps somebody, who is not root, from opening a folder of his");
            return;
        }

        // Into such a folder files can be written, but it cannot be opened: only whoever syncs it notices.
        string file = _folder.Write("fleet/fleet.json", []), folder = Path.GetDirectoryName(file)!;
        File.SetUnixFileMode(folder, UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            new FleetMemory { Action = "1" }.Save(file, isDurable: false);
            Assert.Throws<IOException>(() => new FleetMemory { Action = "2", Stage = ActionStage.OnTrial }.Save(file, isDurable: true));
            Assert.Equal(("2", ActionStage.OnTrial), (FleetMemory.Load(file).Action, FleetMemory.Load(file).Stage));
        }
        finally
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
