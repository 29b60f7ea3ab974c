using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeConv.Tests.Cli.Deployment;

/// <summary>A serial port made of a pseudo-terminal: what is written here, a program reads from the port.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100, NonBlocking = 0x800;

    private readonly FileStream _master;

    public PseudoTerminal()
    {
        int master = OpenTerminal(ReadWrite | NoControllingTerminal | NonBlocking);
        Assert.True(master >= 0 && Grant(master) == 0 && Unlock(master) == 0, $"no pseudo-terminal: {Marshal.GetLastPInvokeErrorMessage()}");
        byte[] name = new byte[64];
        Assert.Equal(0, NameOf(master, name, name.Length));
        Port = Encoding.ASCII.GetString(name).TrimEnd('\0');
        _master = new FileStream(new SafeFileHandle(master, ownsHandle: true), FileAccess.ReadWrite, 0);
    }

    /// <summary>The port's path.</summary>
    public string Port { get; }

    /// <summary>Says something again and again while work is done, as a board does that is reset.</summary>
    public T Say<T>(string text, Func<T> work)
    {
        using CancellationTokenSource done = new();
        Thread speaker = new(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Write(Encoding.Latin1.GetBytes(text));
                done.Token.WaitHandle.WaitOne(50);
            }
        });
        speaker.Start();
        try
        {
            return work();
        }
        finally
        {
            done.Cancel();
            speaker.Join();
        }
    }

    public void Dispose() => _master.Dispose();

    private void Write(byte[] bytes)
    {
        try
        {
            _master.Write(bytes);
        }
        catch (IOException)
        {
            // Nobody has read for so long that there is no room: there is enough to read, and to wait for that would be for ever when nobody will.
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static partial int OpenTerminal(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static partial int Grant(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static partial int Unlock(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    private static partial int NameOf(int master, [Out] byte[] name, nint length);
}
