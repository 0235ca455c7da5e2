using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using Twite.Accounts;
using Twite.Contracts;
using Twite.Storage;

namespace Twite.ProgramTests;

/// <summary>What an operator does about events that their receiver refused for good.</summary>
public sealed class ParkedTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Fact]
    public async Task A_parked_event_is_listed_with_its_reason_and_reaches_its_receiver_once_it_is_replayed()
    {
        var id = await ParkAsync("Unimplemented: no such method\u001b[2J");
        var list = await ParkedAsync("list");
        Assert.True(list.ExitCode == 0, list.Errors);
        Assert.Matches($"{id} .* follows .*Unimplemented: no such method\uFFFD", list.Output);

        var replay = await ParkedAsync("replay", id);
        Assert.True(replay.ExitCode == 0, replay.Errors);
        Assert.Contains("1 of accounts handed over again", replay.Output);
        Assert.Equal("There are none.\n", (await ParkedAsync("list")).Output);
        Assert.Equal((1, 0), await CountAsync());

        await using (await RunningProgram.StartAsync("run", "--urls", "http://127.0.0.1:0", "--data", _twite.Data))
        {
            await RunningProgram.UntilAsync(async () => await CountAsync() == (0, 0), "Follows has learned of it");
        }
    }

    [Fact]
    public async Task All_that_are_parked_are_dropped()
    {
        await ParkAsync("no");
        await ParkAsync("no");
        var drop = await ParkedAsync("drop", "--all");
        Assert.Equal("2 of accounts forgotten: their receivers will never learn of them.\n", drop.Output);
        Assert.Equal((0, 0), await CountAsync());
    }

    [Theory]
    [InlineData("list")]
    [InlineData("replay", "--all")]
    public async Task That_none_is_parked_is_said(params string[] command)
    {
        await (await OpenAsync()).DisposeAsync();
        var result = await ParkedAsync(command);
        Assert.Equal((0, "There are none.\n"), (result.ExitCode, result.Output));
        Assert.False(File.Exists(Path.Combine(_twite.Data, "messages.db")));
    }

    [Fact]
    public async Task An_id_that_is_not_parked_is_said()
    {
        await (await OpenAsync()).DisposeAsync();
        var result = await ParkedAsync("replay", "accounts-17");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("No event accounts-17 is parked", result.Errors);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("drop", "messages-17")]
    public async Task A_directory_without_a_network_is_said_and_stays_as_it_is(params string[] command)
    {
        var result = await ParkedAsync(command);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(_twite.Data, result.Errors);
        Assert.False(Directory.Exists(_twite.Data));
    }

    public void Dispose() => _twite.Dispose();

    private Task<CommandResult> ParkedAsync(params string[] arguments) => _twite.RunAsync(["admin", "parked", .. arguments, "--data", _twite.Data]);

    private Task<Database> OpenAsync() => Database.OpenAsync(
        AccountsModule.StorageOf(new AccountsOptions { DataDirectory = _twite.Data, Alongside = true }),
        NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);

    private async Task<(long Waiting, long Parked)> CountAsync()
    {
        await using var database = await OpenAsync();
        return database.Outbox.Count();
    }

    private async Task<string> ParkAsync(string reason)
    {
        await using var database = await OpenAsync();
        var closed = new AccountClosed
        {
            Header = new EventHeader { OccurredAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()) },
            AccountId = 17,
            State = AccountState.Suspended,
        };
        var row = await database.WriteAsync(
            session =>
            {
                session.Enqueue("follows", "closed", closed.ToByteArray());
                return session.Connection.FindInt64("SELECT max(id) FROM outbox");
            },
            TestContext.Current.CancellationToken);
        await database.Outbox.ParkAsync("follows", [($"accounts-{row}", reason)], TestContext.Current.CancellationToken);
        return $"accounts-{row}";
    }
}
