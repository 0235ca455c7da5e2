using System.Runtime.CompilerServices;

namespace Twite.Web.Live;

/// <summary>Bounds how many streams read, and hold, a page of what they missed at the same time. A renderer that hangs keeps those of others from
/// nothing: each has slots of its own, and the slots for reading are not held while it works. Any thread may use it.</summary>
internal sealed class CatchUpSlots(int most, int mostOfStrangers)
{
    private readonly Slots _reading = new(most, mostOfStrangers);
    private readonly ConditionalWeakTable<IChangeRenderer, Slots> _holding = [];

    /// <summary>Reads a page and renders it.</summary>
    public Task<TFrames> UseAsync<TPage, TFrames>(
        IChangeRenderer renderer, bool isStranger, Func<Task<TPage>> read, Func<TPage, ValueTask<TFrames>> render, CancellationToken cancellationToken) =>
        _holding.GetValue(renderer, _ => new Slots(most, mostOfStrangers)).HoldAsync(
            isStranger,
            async () => await render(await _reading.HoldAsync(isStranger, read, cancellationToken)),
            cancellationToken);

    private sealed class Slots(int most, int mostOfStrangers)
    {
        private readonly SemaphoreSlim _all = new(most);
        private readonly SemaphoreSlim _ofStrangers = new(mostOfStrangers);

        public Task<T> HoldAsync<T>(bool isStranger, Func<Task<T>> work, CancellationToken cancellationToken) => isStranger
            ? HoldAsync(_ofStrangers, () => HoldAsync(_all, work, cancellationToken), cancellationToken)
            : HoldAsync(_all, work, cancellationToken);

        private static async Task<T> HoldAsync<T>(SemaphoreSlim slots, Func<Task<T>> work, CancellationToken cancellationToken)
        {
            await slots.WaitAsync(cancellationToken);
            try
            {
                return await work();
            }
            finally
            {
                slots.Release();
            }
        }
    }
}
