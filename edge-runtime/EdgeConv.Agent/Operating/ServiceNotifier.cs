using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace EdgeConv.Agent.Operating;

/// <summary>Speaks with systemd: one datagram a message, to the socket that it names in NOTIFY_SOCKET.</summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket _socket;

    private ServiceNotifier(string path, TimeSpan? watchdog)
    {
        Watchdog = watchdog;
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // '@' stands for the zero byte of a name that is no file.
            _socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Without a sign of life for so long systemd starts the agent again; null where it does not watch.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>Null where no systemd asks for news, or it cannot be reached.</summary>
    public static ServiceNotifier? Open(Func<string, string?> environment)
    {
        if (environment("NOTIFY_SOCKET") is not { Length: > 1 } path || path[0] is not ('/' or '@'))
        {
            return null;
        }

        bool isOurs = environment("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        TimeSpan? watchdog = isOurs && long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds) : null;
        try
        {
            return new ServiceNotifier(path, watchdog);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Sends a message, such as READY=1. One that cannot be sent is lost: a notice is not worth the agent.</summary>
    public void Send(string message)
    {
        try
        {
            _socket.Send(Encoding.UTF8.GetBytes(message));
        }
        catch (SocketException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
