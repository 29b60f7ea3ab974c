using System.Net;
using System.Net.Sockets;

namespace EdgeConv.Tests;

/// <summary>
/// A port of this machine that nobody else is given: bound, and not listened to. Whoever connects is refused, until a server that is told its number
/// listens there, which the kernel allows where both may use an address again.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort()
    {
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();
}
