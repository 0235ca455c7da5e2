using System.CommandLine;

namespace Twite.Commands;

/// <summary>Which a command is for: one, by its ID, or all, of one service or of each.</summary>
/// <param name="id">What an ID looks like.</param>
/// <param name="service">Whose are asked for with all.</param>
internal sealed class OneOrAll(string id, Option<string?> service)
{
    private readonly Option<bool> _all = new("--all") { Description = $"All that there are now, of each service the oldest {KeptEvents.Most:N0}." };

    /// <summary>The one; null for all.</summary>
    public Argument<string?> Id { get; } = new("ID") { Description = id, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The service; null for each.</summary>
    public Option<string?> Service => service;

    /// <summary>Adds it to a command, which then refuses what is neither or both.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(Id);
        command.Options.Add(_all);
        command.Options.Add(service);
        command.Validators.Add(result =>
        {
            var isOne = result.GetResult(Id) is { Tokens.Count: > 0 };
            if (isOne == result.GetValue(_all))
            {
                result.AddError($"Say which to {command.Name}: either an ID, as list shows it, or --all.");
            }
            else if (isOne && result.GetResult(service) is not null)
            {
                result.AddError("--service goes with --all: an ID names its service itself.");
            }
        });
    }
}
