using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Twite.Web.Sessions;

namespace Twite.Web.Api;

/// <summary>Counts what each person asks of this front end, in windows that begin at multiples of their length, and says in headers how much
/// is left. Any thread may use it.</summary>
internal sealed class ApiRateLimits : IDisposable
{
    private readonly ApiOptions _options;
    private readonly TimeProvider _time;
    private readonly PartitionedRateLimiter<Share> _requests;
    private readonly PartitionedRateLimiter<Share> _deletes;

    public ApiRateLimits(ApiOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _requests = Limiter(options.MaxRequests, options.RequestWindow);
        _deletes = Limiter(options.MaxDeletes, options.DeleteWindow);
    }

    /// <summary>Counts one request.</summary>
    /// <exception cref="ApiException">429: there were too many.</exception>
    public void TakeRequest(HttpContext http, Viewer? viewer) =>
        Take(http, _requests, Who(http, viewer), _options.MaxRequests, _options.RequestWindow, "Too many requests");

    /// <summary>Counts one deletion.</summary>
    /// <exception cref="ApiException">429: there were too many.</exception>
    public void TakeDelete(HttpContext http, Viewer viewer) =>
        Take(http, _deletes, Who(http, viewer), _options.MaxDeletes, _options.DeleteWindow, "Too many deletions");

    public void Dispose()
    {
        _requests.Dispose();
        _deletes.Dispose();
    }

    private void Take(HttpContext http, PartitionedRateLimiter<Share> limiter, string who, int limit, TimeSpan window, string tooMany)
    {
        var now = _time.GetUtcNow();
        var share = new Share(who, now.UtcTicks / window.Ticks);
        var end = new DateTimeOffset((share.Window + 1) * window.Ticks, TimeSpan.Zero);
        using var lease = limiter.AttemptAcquire(share);
        var headers = http.Response.Headers;
        headers["X-RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = (limiter.GetStatistics(share)?.CurrentAvailablePermits ?? 0).ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = ApiTime.Format(end);
        if (!lease.IsAcquired)
        {
            throw new ApiException(StatusCodes.Status429TooManyRequests, $"{tooMany}. Go on after {ApiTime.Format(end)}.", end - now);
        }
    }

    // The window is part of the key, so the clock that was handed in decides when one ends; a limiter's own window, which begins with its
    // first request, ends after that.
    private static PartitionedRateLimiter<Share> Limiter(int limit, TimeSpan window) =>
        PartitionedRateLimiter.Create<Share, Share>(share => RateLimitPartition.GetFixedWindowLimiter(
            share, _ => new FixedWindowRateLimiterOptions { PermitLimit = limit, Window = window, QueueLimit = 0 }));

    private static string Who(HttpContext http, Viewer? viewer) =>
        viewer is null ? ClientAddress.Of(http) : viewer.Account.Id.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Share(string Who, long Window);
}
