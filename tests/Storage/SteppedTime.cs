using Microsoft.Extensions.Time.Testing;

namespace Twite.Storage;

/// <summary>A clock that stands until it is moved, and whose time of day can be set back; what is measured with it goes on.</summary>
public sealed class SteppedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>How far it was set back.</summary>
    public TimeSpan SetBack { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - SetBack;

    /// <inheritdoc/>
    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
