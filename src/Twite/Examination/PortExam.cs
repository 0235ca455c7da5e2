using System.Net;
using System.Net.Sockets;

namespace Twite.Examination;

/// <summary>Looks whether addresses can be listened at.</summary>
internal static class PortExam
{
    /// <summary>Judges one address; null when it is none of this machine's, so that somebody else will listen there.</summary>
    /// <param name="name">Who wants to listen.</param>
    /// <param name="host">An IP address or a name.</param>
    /// <param name="port">The port.</param>
    /// <param name="isDatagram">Whether of UDP; of TCP otherwise.</param>
    /// <param name="processes">Who has what open.</param>
    public static Finding? Of(string name, string host, int port, bool isDatagram, ProcessTable processes)
    {
        var subject = $"{name}:{port}{(isDatagram ? "/udp" : "")}";
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host.Trim('[', ']'), out var address) ? [address] : Dns.GetHostAddresses(host);
        }
        catch (SocketException)
        {
            return Finding.Warn(subject, $"the name {host} is not known here: add it to /etc/hosts or the DNS, or write an IP address");
        }
        foreach (var one in addresses)
        {
            if (Refusal(one, port, isDatagram) is { } refusal)
            {
                return refusal == SocketError.AddressNotAvailable ? null : Taken(subject, one, port, refusal, processes.HolderOf(port, isDatagram));
            }
        }
        return Finding.Ok(subject, $"{host}:{port} is free");
    }

    private static Finding Taken(string subject, IPAddress address, int port, SocketError refusal, (int Process, string CommandLine)? by)
    {
        if (refusal == SocketError.AccessDenied)
        {
            return Finding.Fail(subject, $"this user may not listen on port {port}: choose one above 1023");
        }
        return by is not { } holder
                ? Finding.Fail(subject, $"{address}:{port} is taken, by whom is not known to this user: end that program, or choose another port")
            : holder.CommandLine.Contains("twite", StringComparison.Ordinal)
                ? Finding.Ok(subject, $"{address}:{port} is listened at by Twite itself, process {holder.Process}")
            : Finding.Fail(subject, $"{address}:{port} is taken by process {holder.Process} ({holder.CommandLine}): end it, or choose another port");
    }

    // Why the system does not let us; null when it does.
    private static SocketError? Refusal(IPAddress address, int port, bool isDatagram)
    {
        using var socket = isDatagram
            ? new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (isDatagram)
            {
                socket.Bind(new IPEndPoint(address, port));
                return null;
            }
            // As Kestrel does: connections that are still winding down are no obstacle.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode;
        }
    }
}
