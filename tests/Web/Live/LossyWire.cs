using Twite.Contracts;

namespace Twite.Web.Tests.Live;

/// <summary>What becomes of an update on its way.</summary>
internal enum Fate { Arrives, Lost, Doubled, Late, VeryLate }

/// <summary>Loses, doubles and delays.</summary>
internal sealed class LossyWire(LiveSetup live)
{
    private List<(LiveUpdate Update, int Steps)> _late = [];

    public async Task SendAsync(LiveUpdate update, Fate fate)
    {
        switch (fate)
        {
            case Fate.Arrives:
                await live.PushAsync(update);
                break;
            case Fate.Doubled:
                await live.PushAsync(update, update);
                break;
            case Fate.Late:
                _late.Add((update, 2));
                break;
            case Fate.VeryLate:
                _late.Add((update, 12));
                break;
            case Fate.Lost:
            default:
                break;
        }
    }

    public async Task StepAsync()
    {
        _late = [.. _late.Select(l => (l.Update, l.Steps - 1))];
        await live.PushAsync([.. _late.Where(l => l.Steps == 0).Select(l => l.Update)]);
        _late.RemoveAll(l => l.Steps == 0);
    }
}
