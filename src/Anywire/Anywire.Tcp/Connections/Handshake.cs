using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Anywire.Client;
using Anywire.Identity;
using Anywire.Tcp.Format;

namespace Anywire.Tcp.Connections;

/// <summary>From a socket to a connection over which both sides have said who they are.</summary>
internal static class Handshake
{
    /// <summary>The calling side.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="tls">What it is secured with; null for a plain scheme.</param>
    /// <param name="service">The name that the other side must prove.</param>
    /// <param name="hello">What this side says.</param>
    /// <param name="options">The settings.</param>
    /// <param name="explain">Takes what was wrong with the other side's certificate, in words.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OpenedStream> ConnectAsync(
        Endpoint endpoint, MutualTls? tls, string service, Hello hello, TcpOptions options, Action<string> explain, CancellationToken cancellationToken)
    {
        var socket = await HostAddresses.ConnectAsync(
            endpoint, options.ConnectTimeout, TimeProvider.System, (address, token) => DialAsync(address, options, token), cancellationToken);
        Stream stream = socket;
        try
        {
            if (tls is not null)
            {
                var secured = new SslStream(socket);
                stream = secured;
                await secured.AuthenticateAsClientAsync(tls.Client(service, explain), cancellationToken);
            }
            await SayAsync(stream, hello, cancellationToken);
            var peer = await HearAsync(stream, cancellationToken);
            return new OpenedStream(socket, stream, peer, tls is null ? null : service, endpoint.ToString());
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The listening side.</summary>
    /// <param name="raw">What was accepted; this disposes it when it fails.</param>
    /// <param name="tls">What it is secured with; null for a plain scheme.</param>
    /// <param name="hello">What this side says.</param>
    /// <param name="options">The settings.</param>
    /// <param name="slots">Whoever computes a handshake holds one.</param>
    /// <param name="admit">Throws <see cref="ProtocolException"/> when there is no room for another connection: the caller then knows that nothing of its was executed.</param>
    /// <param name="explain">Takes what was wrong with the other side's certificate, in words.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OpenedStream> AcceptAsync(
        Socket raw, MutualTls? tls, Hello hello, TcpOptions options, SemaphoreSlim slots, Action admit, Action<string> explain, CancellationToken cancellationToken)
    {
        var socket = SocketStream.Over(raw, options.SocketBufferBytes);
        Stream stream = socket;
        try
        {
            // Who connects and says nothing costs a socket and nothing else.
            await socket.WaitForByteAsync(cancellationToken);
            string? name = null;
            if (tls is not null)
            {
                var secured = new SslStream(socket);
                stream = secured;
                using var slot = new HandshakeSlot(slots);
                await slot.TakeAsync(cancellationToken);
                socket.Slot = slot;
                await secured.AuthenticateAsServerAsync(tls.Server(proved => name = proved, explain), cancellationToken);
                socket.Slot = null;
            }
            var peer = await HearAsync(stream, cancellationToken);
            admit();
            await SayAsync(stream, hello, cancellationToken);
            return new OpenedStream(socket, stream, peer, name, socket.Peer);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task<SocketStream> DialAsync(IPEndPoint address, TcpOptions options, CancellationToken cancellationToken)
    {
        var socket = SocketStream.Over(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp), options.SocketBufferBytes);
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch
        {
            await socket.DisposeAsync();
            throw;
        }
    }

    private static async Task SayAsync(Stream stream, Hello hello, CancellationToken cancellationToken)
    {
        var frame = new byte[Hello.FrameSize];
        hello.Write(frame);
        await stream.WriteAsync(frame, cancellationToken);
    }

    private static async Task<Hello> HearAsync(Stream stream, CancellationToken cancellationToken)
    {
        var frame = new byte[Hello.FrameSize];
        await stream.ReadExactlyAsync(frame, cancellationToken);
        return Hello.Read(frame);
    }
}
