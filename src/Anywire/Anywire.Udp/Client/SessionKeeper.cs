using System.Security.Cryptography;
using Anywire.Udp.Control;
using Anywire.Udp.Diagnostics;
using Anywire.Udp.Sealing;
using Microsoft.Extensions.Logging;

namespace Anywire.Udp.Client;

/// <summary>The caller's side of a control connection: as long as it lasts the session does, and it brings new keys before the old ones have sealed too much.</summary>
internal sealed class SessionKeeper(ClientSession session, Seals seals, ControlStream stream, TransportClientOptions options, ILogger logger)
{
    private static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(1);

    private readonly Lock _rekeying = new();
    private long _keyedAt = options.Time.GetTimestamp();
    private byte[]? _secret;
    private byte _number;

    /// <summary>Keeps the session until either ends. Does not throw.</summary>
    public async Task RunAsync()
    {
        var reason = "its control connection was closed";
        using var ended = new CancellationTokenSource();
        var sessionEnds = EndWithSessionAsync(ended);
        try
        {
            await Liveness.RunAsync(stream, TakeAsync, TellAsync, options.Time, ended.Token);
        }
        catch (OperationCanceledException)
        {
            reason = "nothing was heard of it";
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // As it stands above.
        }
        session.Lose(reason);
        await sessionEnds;
        await stream.DisposeAsync();
        session.Release();
    }

    private async Task EndWithSessionAsync(CancellationTokenSource ended)
    {
        await session.Ended;
        await ended.CancelAsync();
    }

    private async Task TakeAsync(ControlKind kind, ReadOnlyMemory<byte> payload)
    {
        switch (kind)
        {
            case ControlKind.Counters:
                session.TakeCounters(ControlFormat.ReadCounters(payload.Span).Next);
                break;
            case ControlKind.WantsRekey:
                await RekeyAsync(CancellationToken.None);
                break;
            case ControlKind.Rekeyed when _secret is { } secret:
                var (number, theirs) = ControlFormat.ReadRekey(payload.Span);
                if (number != _number)
                {
                    throw ControlFormat.Malformed();
                }
                seals.Install(number, secret, theirs, sendAtOnce: true);
                _secret = null;
                _keyedAt = options.Time.GetTimestamp();
                logger.Rekeyed(options.Service, session.Endpoint);
                break;
            case ControlKind.Leaving:
                session.Leave();
                break;
            default:
                // A later version may have more to say.
                break;
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var window = session.Window;
        await stream.WriteAsync(ControlKind.Counters, ControlFormat.Counters(window.Next, window.Received, session.KernelDrops), cancellationToken);
        if (options.Time.GetElapsedTime(_keyedAt) >= KeyLifetime || session.SealedByKey > SealKey.MostDatagrams / 2)
        {
            await RekeyAsync(cancellationToken);
        }
    }

    private async Task RekeyAsync(CancellationToken cancellationToken)
    {
        byte[] secret;
        lock (_rekeying)
        {
            if (_secret is not null)
            {
                return;
            }
            (_secret, _number) = (secret = RandomNumberGenerator.GetBytes(KeyAgreement.SecretBytes), seals.NextNumber);
        }
        await stream.WriteAsync(ControlKind.Rekey, ControlFormat.Rekey(_number, secret), cancellationToken);
    }
}
