using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Anywire.HttpConnections.Client;

/// <summary>Spreads each method's calls over the addresses that can be reached, in turn: methods differ in what they cost, and a caller makes its calls in
/// an order of its own, so that one turn for all could send all of one method to the same address. A call of which it is proved that it was not executed goes to the next
/// one at once: it costs no retry, as it was never anyone's load. Any thread may use it.</summary>
internal sealed class BalancingHandler : HttpMessageHandler
{
    private readonly TransportClientOptions _options;
    private readonly Func<HttpRequestMessage, string> _methodOf;
    private readonly Func<HttpRequestMessage, bool> _mayRepeat;
    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private ImmutableArray<Address> _up;

    /// <param name="options">Where to and as whom.</param>
    /// <param name="addresses">The addresses, which this disposes.</param>
    /// <param name="methodOf">The name of the method that a request calls; one of few.</param>
    /// <param name="mayRepeat">Whether a request is still whole after it was sent.</param>
    public BalancingHandler(
        TransportClientOptions options, IEnumerable<Address> addresses, Func<HttpRequestMessage, string> methodOf, Func<HttpRequestMessage, bool> mayRepeat)
    {
        (_options, _methodOf, _mayRepeat) = (options, methodOf, mayRepeat);
        All = [.. addresses];
        _up = All;
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
        SendableHeaders.Check(request);
        for (var attempt = 1; ; attempt++)
        {
            var address = Next(request);
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

    private Address Next(HttpRequestMessage request)
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
        // Clients that share a list must not all begin with its head.
        var turn = _turns.GetOrAdd(_methodOf(request), static (_, length) => new Turn { Last = Random.Shared.Next(length) }, All.Length);
        return candidates[(int)((uint)Interlocked.Increment(ref turn.Last) % (uint)candidates.Length)];
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

    private sealed class Turn
    {
        public int Last;
    }
}
