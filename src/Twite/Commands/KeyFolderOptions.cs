using System.CommandLine;
using Twite.Keys;

namespace Twite.Commands;

/// <summary>Which keys are meant; the same to each <c>twite keys</c> command.</summary>
internal sealed class KeyFolderOptions(ProgramOptions options)
{
    private readonly Option<string?> _directory = new("--dir") { Description = "Where the keys are. Default: keys in the data directory, as twite up has them.", HelpName = "DIR" };
    private readonly Option<string?> _authority = new("--authority") { Description = "Where the authority is, when it was moved away. Default: authority within the keys.", HelpName = "DIR" };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_directory);
        command.Options.Add(_authority);
        command.Options.Add(options.Data);
    }

    /// <summary>Where the keys are.</summary>
    public string Path(CommandContext context) =>
        System.IO.Path.GetFullPath(context.Parsed.GetValue(_directory) ?? context.KeyDirectory);

    /// <summary>The keys.</summary>
    public KeyFolder Open(CommandContext context) => KeyFolder.At(
        Path(context), context.Parsed.GetValue(_authority) is { } authority ? System.IO.Path.GetFullPath(authority) : null, TimeProvider.System);
}
