namespace Twite.ProgramTests;

/// <summary>What an operator does while the network is not running; <see cref="RunningTests"/> does it while it is.</summary>
public sealed class AdminTests : IDisposable
{
    private readonly CommandLine _twite = new();

    [Fact]
    public async Task An_account_is_made_with_its_password_from_standard_input()
    {
        var result = await CreateAsync("alice", "correct horse battery");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("alice can log in now", result.Output);
    }

    [Fact]
    public async Task Where_an_account_was_made_is_said_and_whether_anybody_was_there_before()
    {
        var first = await CreateAsync("alice", "correct horse battery");
        Assert.Contains(_twite.Data, first.Output);
        Assert.Contains("new network", first.Output);
        var second = await CreateAsync("bob", "correct horse battery");
        Assert.Contains(_twite.Data, second.Output);
        Assert.DoesNotContain("new network", second.Output);
    }

    [Fact]
    public async Task A_token_is_all_that_is_printed()
    {
        await CreateAsync("alice", "correct horse battery");
        var result = await _twite.RunAsync("admin", "token", "Alice", "--data", _twite.Data);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches("^[A-Za-z0-9_-]{43}\r?\n$", result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_said() => Fails(
        "taken", await CreateAsync("alice", "correct horse battery"), await CreateAsync("ALICE", "correct horse battery"));

    [Fact]
    public async Task A_password_that_is_too_short_is_said() => Fails("8", await CreateAsync("alice", "short"));

    [Fact]
    public async Task A_name_that_is_none_is_said() => Fails("name", await CreateAsync("alice!", "correct horse battery"));

    [Fact]
    public async Task A_token_for_nobody_is_said() => Fails("nobody", await _twite.RunAsync("admin", "token", "nobody", "--data", _twite.Data));

    [Theory, InlineData("suspend"), InlineData("unsuspend")]
    public async Task That_there_is_nobody_to_suspend_is_said(string command)
    {
        await CreateAsync("alice", "correct horse battery");
        Fails("nobody", await _twite.RunAsync("admin", command, "nobody", "--data", _twite.Data));
    }

    [Theory, InlineData("suspend"), InlineData("unsuspend")]
    public async Task Doing_it_again_changes_nothing(string command)
    {
        await CreateAsync("alice", "correct horse battery");
        var first = await _twite.RunAsync("admin", command, "alice", "--data", _twite.Data);
        var again = await _twite.RunAsync("admin", command, "alice", "--data", _twite.Data);
        Assert.Equal((0, first.Output), (again.ExitCode, again.Output));
    }

    [Fact]
    public async Task The_data_directory_is_for_its_owner_alone()
    {
        await CreateAsync("alice", "correct horse battery");
        Assert.True(
            OperatingSystem.IsWindows()
            || File.GetUnixFileMode(_twite.Data) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_said()
    {
        _twite.Write("data", "");
        Fails("data", await _twite.RunAsync("admin", "token", "alice", "--data", _twite.Data));
    }

    public void Dispose() => _twite.Dispose();

    private Task<CommandResult> CreateAsync(string name, string password) =>
        _twite.RunWithInputAsync(password + "\n", "admin", "create-account", name, "--password-stdin", "--data", _twite.Data);

    private static void Fails(string because, params CommandResult[] results)
    {
        var last = results[^1];
        Assert.Equal(1, last.ExitCode);
        Assert.Contains(because, last.Errors);
        Assert.Empty(last.Output);
        Assert.DoesNotContain("   at ", last.Errors);
    }
}
