using Microsoft.Extensions.Logging;
using Twite.Accounts.Assertions;
using Twite.Accounts.Sessions;
using Twite.Storage;

namespace Twite.Accounts;

/// <summary>Once a minute notes when sessions were last used, removes expired ones, and sees to it that the newest key signs. Disposing notes what is
/// left and ends it.</summary>
internal sealed class Upkeep(
    SessionsStore sessions, SessionVerifier verifier, AssertionKeyring keys, AccountsOptions options, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Does it now.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await sessions.NoteUsedAsync(verifier.TakeUsed(), options.SessionLifetime, cancellationToken);
        while (await sessions.RemoveExpiredAsync(cancellationToken) >= SessionsStore.ExpiredAtOnce)
        {
            // More are left; other writers had their turn.
        }
        await keys.RenewAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await TryAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await TryAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task TryAsync()
    {
        try
        {
            await RunOnceAsync(CancellationToken.None);
        }
        catch (StorageException error)
        {
            logger.UpkeepFailed(error);
        }
    }
}
