namespace Twite.Lab.Call;

/// <summary>The caller's end of a column: where <em>verify session</em> goes. Any thread may use it.</summary>
internal interface ICallTarget : IAsyncDisposable
{
    /// <summary>Verifies one session.</summary>
    /// <param name="number">The number of the call, which says the session.</param>
    /// <returns>Whether the answer was the right one.</returns>
    ValueTask<bool> VerifyAsync(long number);
}
