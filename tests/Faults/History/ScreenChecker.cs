namespace Twite.Faults.History;

/// <summary>Judges what a live stream showed against the timeline it is an accelerator of: no gap, no double, in order.</summary>
internal static class ScreenChecker
{
    /// <summary>What is wrong with a screen.</summary>
    public static IEnumerable<Violation> Judge(ScreenOperation screen, ReadOperation final)
    {
        foreach (var same in screen.Messages.GroupBy(m => m.Id).Where(g => g.Count() > 1))
        {
            yield return new Violation("screen-doubled", $"{same.Key} \"{same.First().Text}\" was shown {same.Count()} times");
        }
        foreach (var (first, second) in screen.Messages.Zip(screen.Messages.Skip(1)).Where(pair => pair.First.Id > pair.Second.Id))
        {
            yield return new Violation("screen-order", $"{first.Id} was shown before {second.Id}");
        }
        var truth = final.Messages.DistinctBy(m => m.Id).ToDictionary(m => m.Id);
        foreach (var message in screen.Messages.Where(m => !truth.TryGetValue(m.Id, out var stored) || stored != m).DistinctBy(m => m.Id))
        {
            yield return new Violation("screen-unexpected", $"{message.Id} \"{message.Text}\" was shown and is not in the timeline so");
        }
        if (screen.Complete)
        {
            var shown = screen.Messages.Select(m => m.Id).ToHashSet();
            foreach (var message in final.Messages.Where(m => !shown.Contains(m.Id)))
            {
                yield return new Violation("screen-lost", $"{message.Id} \"{message.Text}\" was never shown");
            }
        }
    }
}
