using System.Security.Cryptography;
using Anywire.Udp.Format;
using Anywire.Udp.Sealing;
using Anywire.Udp.Server;

namespace Anywire.Udp.Control;

/// <summary>The handler's side of one control connection, and the session that it keeps.</summary>
internal sealed class ControlledSession
{
    // What is on its way when the connection ends still comes within this time.
    private static readonly TimeSpan Afterglow = TimeSpan.FromSeconds(2);

    private readonly ControlStream _stream;
    private readonly UdpServer _server;
    private readonly ServerSession _session;
    private readonly TimeProvider _time;
    private bool _hasAskedForKey;

    private ControlledSession(ControlStream stream, UdpServer server, ServerSession session, TimeProvider time) =>
        (_stream, _server, _session, _time) = (stream, server, session, time);

    /// <summary>Takes a hello and opens a session; null when it was refused.</summary>
    /// <exception cref="IOException">The connection was lost, or what came is no hello.</exception>
    public static async Task<ControlledSession?> OpenAsync(
        ControlStream stream, UdpServer server, string caller, string self, TimeProvider time, CancellationToken cancellationToken)
    {
        var (kind, payload) = await stream.ReadAsync(cancellationToken);
        if (kind != ControlKind.Hello)
        {
            throw ControlFormat.Malformed();
        }
        var (version, ciphers, secret) = ControlFormat.ReadHello(payload.Span);
        if (version != Datagram.Version)
        {
            await RefuseAsync(stream, $"it speaks version {Datagram.Version}, and was asked for {version}", cancellationToken);
            return null;
        }
        if (Ciphers.Choose(ciphers, Ciphers.Own) is not { } cipher)
        {
            await RefuseAsync(stream, "it has no cipher in common with its caller", cancellationToken);
            return null;
        }
        var own = RandomNumberGenerator.GetBytes(KeyAgreement.SecretBytes);
        const byte First = 1;
        var session = server.Open(caller, id =>
        {
            var seals = new Seals(new KeyAgreement(cipher, caller, self, id), isCaller: false);
            seals.Install(First, secret, own, sendAtOnce: true);
            return seals;
        });
        if (session is null)
        {
            await RefuseAsync(stream, "it has as many callers as it takes", cancellationToken);
            return null;
        }
        try
        {
            await stream.WriteAsync(ControlKind.Welcome, ControlFormat.Welcome(cipher, First, session.Id, server.WindowOfOne, own), cancellationToken);
            return new ControlledSession(stream, server, session, time);
        }
        catch
        {
            server.Remove(session);
            throw;
        }
    }

    /// <summary>Keeps the session until the connection ends. Does not throw.</summary>
    public async Task RunAsync(CancellationToken closing)
    {
        try
        {
            await Liveness.RunAsync(_stream, (kind, payload) => TakeAsync(kind, payload, closing), TellAsync, _time, closing);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The caller has gone, in whatever way.
        }
        _server.End(_session);
        await Task.Delay(Afterglow, _time, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _server.Remove(_session);
    }

    /// <summary>Tells the caller to go elsewhere.</summary>
    public async Task TellLeavingAsync()
    {
        try
        {
            await _stream.WriteAsync(ControlKind.Leaving, default, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It has gone before us.
        }
    }

    private static Task RefuseAsync(ControlStream stream, string why, CancellationToken cancellationToken) =>
        stream.WriteAsync(ControlKind.Refused, ControlFormat.Refused(why), cancellationToken);

    private async Task TakeAsync(ControlKind kind, ReadOnlyMemory<byte> payload, CancellationToken closing)
    {
        if (kind != ControlKind.Rekey)
        {
            return;
        }
        var (number, secret) = ControlFormat.ReadRekey(payload.Span);
        if (number != _session.Seals!.NextNumber)
        {
            throw ControlFormat.Malformed();
        }
        var own = RandomNumberGenerator.GetBytes(KeyAgreement.SecretBytes);
        // The caller cannot open what is sealed with it before it has our part: it says so by using it.
        _session.Seals.Install(number, secret, own, sendAtOnce: false);
        _hasAskedForKey = false;
        await _stream.WriteAsync(ControlKind.Rekeyed, ControlFormat.Rekey(number, own), closing);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var window = _session.Window;
        await _stream.WriteAsync(ControlKind.Counters, ControlFormat.Counters(window.Next, window.Received, _server.KernelDrops), cancellationToken);
        if (_session.SealedByKey > SealKey.MostDatagrams / 2 && !_hasAskedForKey)
        {
            _hasAskedForKey = true;
            await _stream.WriteAsync(ControlKind.WantsRekey, default, cancellationToken);
        }
    }
}
