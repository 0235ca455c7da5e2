namespace Twite.Lab.Reports;

/// <summary>The report as a page.</summary>
internal static class HtmlReport
{
    public static string Write(Report report) => "<!doctype html><title>" + report.Version + "</title>";
}
