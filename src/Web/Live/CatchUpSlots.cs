using System.Runtime.CompilerServices;

namespace Twite.Web.Live;

/// <summary>Bounds how many streams read, and hold, a page of what they missed at the same time. A renderer that hangs keeps those of others from
/// nothing: each has slots of its own, and the slots for reading are not held while it works. Any thread may use it.</summary>
internal sealed class CatchUpSlots(int most)
{
    private readonly SemaphoreSlim _reading = new(most);
    private readonly ConditionalWeakTable<IChangeRenderer, SemaphoreSlim> _holding = [];

    /// <summary>Reads a page and renders it.</summary>
    public async Task<TFrames> UseAsync<TPage, TFrames>(
        IChangeRenderer renderer, Func<Task<TPage>> read, Func<TPage, ValueTask<TFrames>> render, CancellationToken cancellationToken)
    {
        var holding = _holding.GetValue(renderer, _ => new SemaphoreSlim(most));
        await holding.WaitAsync(cancellationToken);
        try
        {
            TPage page;
            await _reading.WaitAsync(cancellationToken);
            try
            {
                page = await read();
            }
            finally
            {
                _reading.Release();
            }
            return await render(page);
        }
        finally
        {
            holding.Release();
        }
    }
}
