namespace Anywire.Tcp.Connections;

/// <summary>One for all, made when it is first asked for. Where that fails, as it does while a process has no descriptors left, it is made when it is asked for the next time
/// (<see cref="Lazy{T}"/> would fail for ever). Any thread may use it.</summary>
/// <param name="make">Makes it.</param>
internal sealed class Retried<T>(Func<T> make)
    where T : class
{
    private readonly Lock _lock = new();
    private volatile T? _made;

    public T Value
    {
        get
        {
            if (_made is { } made)
            {
                return made;
            }
            lock (_lock)
            {
                return _made ??= make();
            }
        }
    }
}
