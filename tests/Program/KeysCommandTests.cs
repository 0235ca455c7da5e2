namespace Twite.ProgramTests;

/// <summary><c>twite keys</c> as it is typed.</summary>
public sealed class KeysCommandTests : IDisposable
{
    private readonly CommandLine _twite = new();

    private string Dir => _twite.PathOf("keys");

    [Fact]
    public async Task It_makes_a_folder_per_service_and_then_nothing_more()
    {
        var made = await _twite.RunAsync("keys", "--dir", Dir);
        Assert.Equal(0, made.ExitCode);
        Assert.Contains("notifications has a new certificate: it had none.", made.Output);
        Assert.Equal(["ca.pem", "message-keys.json", "web.key", "web.pem"], Directory.EnumerateFiles(Path.Combine(Dir, "web")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Contains("nothing was changed", (await _twite.RunAsync("keys", "--dir", Dir)).Output);
    }

    [Fact]
    public async Task It_shows_who_has_one_from_whom_and_until_when()
    {
        await _twite.RunAsync("keys", "--dir", Dir);
        await _twite.RunAsync("keys", "issue", "bot", "--dir", Dir);
        var shown = await _twite.RunAsync("keys", "show", "--dir", Dir);
        Assert.Equal(0, shown.ExitCode);
        Assert.Matches(@"bot +Twite cluster authority [0-9a-f]{8} +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +good", shown.Output);
        Assert.Contains("trusted are 1.", shown.Output);

        File.Delete(Path.Combine(Dir, "web", "message-keys.json"));
        var withoutMessageKeys = await _twite.RunAsync("keys", "show", "--dir", Dir);
        Assert.Equal(0, withoutMessageKeys.ExitCode);
        Assert.Matches(@"web +.* good; no good over a broker: its message-keys.json is", withoutMessageKeys.Output);

        File.Copy(Path.Combine(Dir, "web", "web.key"), Path.Combine(Dir, "bot", "bot.key"), overwrite: true);
        var broken = await _twite.RunAsync("keys", "show", "--dir", Dir);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("cannot be used", broken.Output);
    }

    [Fact]
    public async Task Whoever_gets_a_certificate_is_made_known_to_all_others()
    {
        await _twite.RunAsync("keys", "--dir", Dir);
        var issued = await _twite.RunAsync("keys", "issue", "bot", "--dir", Dir);
        Assert.Contains("bot.key and message-keys.json.", issued.Output);
        Assert.Contains("message-keys.json of all others knows the new key of bot. Where messages go through a broker, bring each its own and restart it", issued.Output);
    }

    [Fact]
    public async Task A_rotation_says_each_step_and_what_comes_next()
    {
        await _twite.RunAsync("keys", "--dir", Dir);
        Assert.Contains("Step 1 of 3", (await _twite.RunAsync("keys", "rotate", "--dir", Dir)).Output);
        var early = await _twite.RunAsync("keys", "rotate", "--dir", Dir);
        Assert.Equal(2, early.ExitCode);
        Assert.Contains("--now", early.Errors);
        Assert.Contains("Step 2 of 3", (await _twite.RunAsync("keys", "rotate", "--dir", Dir, "--now")).Output);
        Assert.Contains("Step 3 of 3", (await _twite.RunAsync("keys", "rotate", "--dir", Dir, "--now")).Output);
        Assert.Equal(0, (await _twite.RunAsync("keys", "show", "--dir", Dir)).ExitCode);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("rotate")]
    [InlineData("issue", "bot")]
    public async Task Without_keys_it_says_how_to_make_some(params string[] command)
    {
        var result = await _twite.RunAsync(["keys", .. command, "--dir", Dir]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("twite keys --dir", result.Errors);
    }

    public void Dispose() => _twite.Dispose();
}
