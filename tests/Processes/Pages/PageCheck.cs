using System.Net;
using Twite.Faults.Network;

namespace Twite.Processes.Pages;

/// <summary>Something that somebody asks for, and what it must come to.</summary>
/// <param name="What">For people who read that it failed.</param>
/// <param name="Ask">Asks once.</param>
/// <param name="Status">The status it must have.</param>
/// <param name="Says">What must stand in it.</param>
internal sealed record PageCheck(string What, Func<Task<(HttpStatusCode Status, string Text)>> Ask, int Status, params string[] Says)
{
    private const HttpStatusCode NoAnswer = default;

    // What a program says of itself when it breaks, and of its insides.
    private static readonly string[] Entrails = ["Exception", "   at ", "Status("];
    private static readonly string[] Addresses = ["grpcs:", "https:"];

    /// <summary>Whether it is read by people who may know where the parts are.</summary>
    public bool IsForOperators { get; init; }

    /// <summary>Whether 504 will do for 503: programs are told that they were let down, or that it took too long.</summary>
    public bool IsForPrograms { get; init; }

    /// <summary>Asks.</summary>
    public async Task<PageAnswer> TryAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var (status, text) = await AskOrFailAsync();
        var took = TimeProvider.System.GetElapsedTime(started);
        var entrail = (IsForOperators ? Entrails : [.. Entrails, .. Addresses]).FirstOrDefault(e => text.Contains(e, StringComparison.Ordinal));
        var wrong = (int)status != Status && !(IsForPrograms && Status == 503 && status == HttpStatusCode.GatewayTimeout) ? $"status {(int)status} rather than {Status}"
            : Says.FirstOrDefault(s => !text.Contains(s, StringComparison.Ordinal)) is { } missing ? $"\"{missing}\" is missing"
            : entrail is not null ? $"\"{entrail}\" stands in it"
            : null;
        return new PageAnswer(
            wrong is null ? null : $"{What}: {wrong}, after {took.TotalMilliseconds:N0} ms:\n{Body(text)}",
            status is NoAnswer or HttpStatusCode.InternalServerError || entrail is not null,
            took);
    }

    private async Task<(HttpStatusCode, string)> AskOrFailAsync()
    {
        try
        {
            return await Ask();
        }
        catch (Exception error) when (Exchange.IsBroken(error))
        {
            return (NoAnswer, error.Message);
        }
    }

    private static string Body(string page) => page.Contains("<main", StringComparison.Ordinal) ? page[page.IndexOf("<main", StringComparison.Ordinal)..] : page;
}

/// <summary>What was answered.</summary>
/// <param name="Wrong">What is not as it must be; null when all is.</param>
/// <param name="IsBroken">Nobody may ever see that, whatever is away.</param>
/// <param name="Took">How long it took.</param>
internal sealed record PageAnswer(string? Wrong, bool IsBroken, TimeSpan Took);
