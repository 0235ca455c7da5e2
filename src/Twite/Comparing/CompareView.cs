using Spectre.Console;
using Spectre.Console.Rendering;
using Twite.Lab;
using Twite.Lab.Reports;

namespace Twite.Comparing;

/// <summary>Shows a comparison while it runs: a table that is drawn again after each measurement on a terminal, a line now and then elsewhere.
/// Goes to the error stream, so that the output stays the result's.</summary>
internal sealed class CompareView(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    /// <summary>Runs a comparison under the observer's eyes.</summary>
    public async Task<Report> RunAsync(Func<IComparisonObserver, Task<Report>> compare)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            return await compare(new Lines(console, time));
        }
        return await console.Live(new Text("")).AutoClear(true).StartAsync(context => compare(new LiveTable(context)));
    }

    /// <summary>Draws the tables of a report.</summary>
    public static void Summarize(IAnsiConsole console, Report report)
    {
        foreach (var scene in report.Scenes)
        {
            console.Write(new Text($"\n{scene.Name}\n"));
            foreach (var load in scene.Loads)
            {
                console.Write(Draw(ReportTable.Of(load, report.Columns)));
            }
        }
    }

    private static Rows Draw(ReportTable table)
    {
        var drawn = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (var header in table.Headers)
        {
            drawn.AddColumn(new TableColumn(new Text(header)).RightAligned());
        }
        foreach (var row in table.Rows)
        {
            drawn.AddRow([new Text(row.Column), .. row.Numbers.Select(n => (IRenderable)new Text(n?.Median ?? ""))]);
        }
        return new Rows([
            new Text(table.Name), drawn, .. table.Rows.Where(r => r.Remark is not null).Select(r => (IRenderable)new Text($"  {r.Column}: {r.Remark}")), new Text("")]);
    }

    private sealed class LiveTable(LiveDisplayContext context) : IComparisonObserver
    {
        private string _line = "";
        private IRenderable _table = new Text("");

        public void Begins(string what, int done, int all)
        {
            _line = $"{done} of {all}  {what}";
            Draw();
        }

        public void Measured(MeasuredLoad measured)
        {
            _table = CompareView.Draw(ReportTable.Of(measured.Load, measured.Columns));
            Draw();
        }

        private void Draw()
        {
            context.UpdateTarget(new Rows(_table, new Text(_line)));
            context.Refresh();
        }
    }

    private sealed class Lines(IAnsiConsole console, TimeProvider time) : IComparisonObserver
    {
        private long? _said;

        public void Begins(string what, int done, int all)
        {
            if (_said is { } said && time.GetElapsedTime(said) < LineInterval)
            {
                return;
            }
            _said = time.GetTimestamp();
            console.WriteLine($"{done} of {all}: {what}");
        }

        public void Measured(MeasuredLoad measured)
        {
            // The tables come at the end; nobody watches these lines.
        }
    }
}
