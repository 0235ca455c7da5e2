using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Twite.Web.Tests.Api;

/// <summary>The examples of <c>docs/api.md</c> do what the page says.</summary>
public sealed partial class DocumentationTests(ApiNetwork network)
{
    // curl's own code for --max-time, which is how an example of an endless stream ends.
    private const int TimedOut = 28;

    public static TheoryData<string> Examples => [.. Example().Matches(File.ReadAllText(Page())).Select(m => m.Groups["script"].Value)];

    [Theory, MemberData(nameof(Examples))]
    public async Task An_example_works(string script)
    {
        var (person, other) = (await network.SignUpAsync(), await network.SignUpAsync());
        await person.SayAsync("so that there is something to list");
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-euc");
        start.ArgumentList.Add(script);
        (start.Environment["TWITE"], start.Environment["TOKEN"]) = (network.Url, person.Token);
        (start.Environment["ACCOUNT"], start.Environment["NAME"]) = (other.Id.ToString(), other.Name);
        using var shell = Process.Start(start)!;
        var errors = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode is 0 or TimedOut, $"exit code {shell.ExitCode}: {await errors}{output}");
        Assert.NotEqual("", output);
    }

    private static string Page([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/api.md");

    [GeneratedRegex(@"^```sh\n(?<script>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}
