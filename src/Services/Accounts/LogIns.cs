using Anywire;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Twite.Accounts.Names;
using Twite.Accounts.Passwords;
using Twite.Accounts.Sessions;
using Twite.Accounts.Throttling;

namespace Twite.Accounts;

/// <summary>Checks who somebody says to be. An unknown name and a wrong password are answered alike, after the same work. Any thread may use it.</summary>
internal sealed class LogIns(
    AccountsStore store, PasswordHasher hasher, DeviceTokens devices, AccountsOptions options, ILogger logger, TimeProvider time)
{
    private readonly Throttle _perAddress = new(options.FailuresPerAddress, options.ThrottleSize, time);
    private readonly Throttle _perAccount = new(options.FailuresPerAccount, options.ThrottleSize, time);
    private readonly Throttle _perDevice = new(options.FailuresPerDevice, options.ThrottleSize, time);
    private readonly Throttle _perOwner = new(options.FailuresPerAccount, options.ThrottleSize, time);
    private readonly Throttle _signUps = new(options.SignUpsPerAddress, options.ThrottleSize, time);

    /// <summary>Counts a sign-up from an address; take the attempt back when nobody was signed up.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED.</exception>
    public Attempt CountSignUp(string clientAddress)
    {
        var attempt = new Attempt();
        attempt.Count(_signUps, ClientAddress.KeyOf(clientAddress), () => logger.Throttled("to sign up from one address"));
        return attempt;
    }

    /// <summary>The account of a name and password, and the password as it is stored now.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED: no such name, or not its password; PERMISSION_DENIED: suspended, said only to who knows the
    /// password; RESOURCE_EXHAUSTED: too many failures, or too many log-ins at once.</exception>
    public async Task<VerifiedAccount> CheckAsync(string name, string password, string clientAddress, string device, CancellationToken cancellationToken)
    {
        var attempt = new Attempt();
        try
        {
            var found = AccountName.TryParse(name, out var parsed) ? store.FindCredentials(parsed) : null;
            var deviceKey = found is null || device.Length == 0 ? null : devices.KeyOf(found.Account.Id, device);
            if (deviceKey is not null)
            {
                // By itself alone: strangers at the same address shall not keep its owner out.
                attempt.Count(_perDevice, deviceKey, () => logger.Throttled("from one device"));
            }
            else
            {
                attempt.Count(_perAddress, ClientAddress.KeyOf(clientAddress), () => logger.Throttled("from one address"));
                // Unknown names are counted too: otherwise being throttled would tell them from known ones.
                attempt.Count(_perAccount, parsed.Key, () => logger.Throttled("to log in to one account"));
            }

            if (!await VerifyAsync(password, found?.Password, cancellationToken))
            {
                LogFailure(found);
                throw RpcErrors.Failure(StatusCode.Unauthenticated, "WRONG_PASSWORD", "There is no account with this name and password. Check both.");
            }
            attempt.TakeBack();
            if (found!.Account.IsSuspended)
            {
                throw AccountsStore.Suspended(found.Account);
            }
            return new VerifiedAccount(found.Account, await RaiseCostAsync(found.Account.Id, found.Password!, password, cancellationToken));
        }
        catch (Exception error) when (error is not RpcException { StatusCode: StatusCode.Unauthenticated })
        {
            attempt.TakeBack();
            throw;
        }
    }

    /// <summary>Checks the password of somebody who is logged in, before something that cannot be undone.</summary>
    /// <returns>What it was compared with.</returns>
    /// <exception cref="RpcException">UNAUTHENTICATED: it is not the password; RESOURCE_EXHAUSTED: too many failures, or too many log-ins at once.</exception>
    public async Task<PasswordHash> ConfirmAsync(long accountId, string password, CancellationToken cancellationToken)
    {
        var attempt = new Attempt();
        attempt.Count(_perOwner, accountId.ToString(), () => logger.Throttled("to give one account's password again"));
        try
        {
            var stored = store.FindCredentials(accountId)?.Password;
            if (!await VerifyAsync(password, stored, cancellationToken))
            {
                throw RpcErrors.Failure(StatusCode.Unauthenticated, "WRONG_PASSWORD", "This is not your password. Type it again.");
            }
            attempt.TakeBack();
            return stored!;
        }
        catch (Exception error) when (error is not RpcException { StatusCode: StatusCode.Unauthenticated })
        {
            attempt.TakeBack();
            throw;
        }
    }

    // What is too long to be anybody's password is not hashed, whatever the name.
    private async Task<bool> VerifyAsync(string password, PasswordHash? hash, CancellationToken cancellationToken) =>
        PasswordRules.IsPlausible(password) && await hasher.VerifyAsync(password, hash, cancellationToken);

    private async Task<PasswordHash> RaiseCostAsync(long accountId, PasswordHash before, string password, CancellationToken cancellationToken)
    {
        if (before.Cost == hasher.Cost)
        {
            return before;
        }
        var after = await hasher.HashAsync(password, cancellationToken);
        await store.ReplaceHashAsync(accountId, before, after, cancellationToken);
        return after;
    }

    private void LogFailure(Credentials? found)
    {
        if (found is null)
        {
            logger.LogInToUnknown();
        }
        else
        {
            logger.LogInFailed(found.Account.Id);
        }
    }
}

/// <summary>An account whose password somebody knew, and the hash it was compared with, or its successor. Immutable.</summary>
internal sealed record VerifiedAccount(AccountRow Account, PasswordHash Password);
