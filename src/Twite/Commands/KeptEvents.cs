using System.Globalization;
using Spectre.Console;

namespace Twite.Commands;

/// <summary>Events that were not handled and are kept for an operator, by whomever.</summary>
internal static class KeptEvents
{
    /// <summary>So many of a service are looked at.</summary>
    public const int Most = 1_000;

    private const string None = "There are none.";

    /// <summary>Shows what there is, or that there is nothing.</summary>
    public static void Show(CommandContext context, Table table)
    {
        if (table.Rows.Count == 0)
        {
            context.Terminal.Out.WriteLine(None);
        }
        else
        {
            context.Terminal.Drawing.Write(table);
        }
    }

    /// <summary>Does something to all that there are now.</summary>
    /// <param name="context">Where it is said.</param>
    /// <param name="stores">Where they are kept, by their services.</param>
    /// <param name="idsAsync">Lists the oldest <see cref="Most"/>.</param>
    /// <param name="actAsync">Does it to one; false when that one is gone.</param>
    /// <param name="said">What was done, of a service and how many.</param>
    public static async Task<int> ChangeAllAsync<TStore>(
        CommandContext context, IEnumerable<(string Service, Func<Task<TStore>> OpenAsync)> stores,
        Func<TStore, Task<IReadOnlyList<string>>> idsAsync, Func<TStore, string, Task<bool>> actAsync, Func<string, string, string> said)
        where TStore : IAsyncDisposable
    {
        var isNone = true;
        foreach (var (service, openAsync) in stores)
        {
            await using var store = await openAsync();
            // Looked at once: what is given up again meanwhile would else be given to the service for ever.
            var ids = await idsAsync(store);
            var count = 0;
            foreach (var id in ids)
            {
                count += await actAsync(store, id) ? 1 : 0;
            }
            if (ids.Count > 0)
            {
                isNone = false;
                context.Terminal.Out.WriteLine(said(service, count.ToString("N0", CultureInfo.InvariantCulture)));
            }
            if (ids.Count == Most)
            {
                context.Terminal.Out.WriteLine($"{service} may have more: say it again.");
            }
        }
        if (isNone)
        {
            context.Terminal.Out.WriteLine(None);
        }
        return ExitCodes.Ok;
    }
}
