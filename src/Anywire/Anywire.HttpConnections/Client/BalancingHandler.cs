using System.Collections.Immutable;

namespace Anywire.HttpConnections.Client;

/// <summary>Spreads calls over the addresses that can be reached, in turn. A call of which it is proved that it was not executed goes to the next
/// one at once: it costs no retry, as it was never anyone's load. Any thread may use it.</summary>
internal sealed class BalancingHandler : HttpMessageHandler
{
    private readonly TransportClientOptions _options;
    private readonly Func<HttpRequestMessage, bool> _mayRepeat;
    private readonly Lock _lock = new();
    private ImmutableArray<Address> _up;
    private int _turn;

    /// <param name="options">Where to and as whom.</param>
    /// <param name="addresses">The addresses, which this disposes.</param>
    /// <param name="mayRepeat">Whether a request is still whole after it was sent.</param>
    public BalancingHandler(TransportClientOptions options, IEnumerable<Address> addresses, Func<HttpRequestMessage, bool> mayRepeat)
    {
        (_options, _mayRepeat) = (options, mayRepeat);
        All = [.. addresses];
        _up = All;
        // Clients that share a list must not all begin with its head.
        _turn = Random.Shared.Next(All.Length);
        foreach (var address in All)
        {
            address.OnChange = Recount;
        }
    }

    public ImmutableArray<Address> All { get; }

    /// <summary>Asks an address whether it is back, in the background; set once, before the first call.</summary>
    public Action<Address>? Probe { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var address = Next();
            var wasUp = address.IsUp;
            try
            {
                var response = await address.SendAsync(request, cancellationToken);
                if (!IsRefusal(response))
                {
                    if (!wasUp)
                    {
                        address.Up();
                    }
                    return response;
                }
                address.Down("it is shutting down");
                if (!MayGoElsewhere(attempt) || !_mayRepeat(request))
                {
                    return response;
                }
                response.Dispose();
            }
            catch (Exception error) when (address.WhyNotSent(error, cancellationToken) is { } reason)
            {
                address.Down(reason, error);
                if (!MayGoElsewhere(attempt))
                {
                    throw UnsentException.For(_options.Service, address, reason, error);
                }
            }
            catch (HttpRequestException error) when (Address.IsLost(error))
            {
                throw address.Lost(_options.Service, error);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var address in All)
            {
                address.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    // A refusal is always the first and only thing a server says, so it comes in the headers.
    private static bool IsRefusal(HttpResponseMessage response) => response.Headers.NonValidated.Contains(NotExecuted.TrailerKey);

    private bool MayGoElsewhere(int attempt) => attempt < All.Length && !_up.IsEmpty;

    private Address Next()
    {
        if (All.Length == 1)
        {
            return All[0];
        }
        var up = _up;
        if (up.Length < All.Length)
        {
            AskTheOthers();
        }
        var candidates = up.IsEmpty ? All : up;
        return candidates[(int)((uint)Interlocked.Increment(ref _turn) % (uint)candidates.Length)];
    }

    private void AskTheOthers()
    {
        foreach (var address in All)
        {
            if (!address.IsUp && address.TryBeginProbe())
            {
                Probe?.Invoke(address);
            }
        }
    }

    private void Recount()
    {
        lock (_lock)
        {
            ImmutableInterlocked.InterlockedExchange(ref _up, [.. All.Where(a => a.IsUp)]);
        }
    }
}
