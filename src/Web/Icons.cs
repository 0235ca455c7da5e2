using Microsoft.AspNetCore.Html;

namespace Twite.Web;

/// <summary>The pictures of the interface, drawn in the text's own colour. They say nothing to a screen reader: the words beside them do.</summary>
internal static class Icons
{
    public static readonly IHtmlContent Home = Line("<path d=\"M4 11.2 12 4.5l8 6.7M6.2 9.8V19h4v-5h3.6v5h4V9.8\"/>");
    public static readonly IHtmlContent Public = Line("<circle cx=\"12\" cy=\"12\" r=\"8\"/><path d=\"M4.2 12h15.6M12 4c2.6 2.3 3.9 5 3.9 8s-1.3 5.7-3.9 8c-2.6-2.3-3.9-5-3.9-8s1.3-5.7 3.9-8\"/>");
    public static readonly IHtmlContent Search = Line("<circle cx=\"10.8\" cy=\"10.8\" r=\"6\"/><path d=\"m15.3 15.3 4.4 4.4\"/>");
    public static readonly IHtmlContent Bell = Line("<path d=\"M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5zM10 20.5h4\"/>");
    public static readonly IHtmlContent Person = Line("<circle cx=\"12\" cy=\"8.4\" r=\"3.9\"/><path d=\"M4.8 20c.7-3.8 3.5-5.8 7.2-5.8s6.5 2 7.2 5.8\"/>");
    public static readonly IHtmlContent Settings = Line("<path d=\"M4 7.5h9M18 7.5h2M4 16.5h2M11 16.5h9\"/><circle cx=\"15.5\" cy=\"7.5\" r=\"2.3\"/><circle cx=\"8.5\" cy=\"16.5\" r=\"2.3\"/>");
    public static readonly IHtmlContent Write = Line("<path d=\"M14.6 5.6 18.4 9.4M5 19l.9-4.2L16 4.7a1.6 1.6 0 0 1 2.3 0l1 1a1.6 1.6 0 0 1 0 2.3L9.2 18.1z\"/>");
    public static readonly IHtmlContent Reply = Line("<path d=\"M9.5 6 4.5 11l5 5M5 11h8.5c3.5 0 5.8 2.3 6 6.5\"/>");
    public static readonly IHtmlContent Delete = Line("<path d=\"M5 7h14M9.5 7V4.8h5V7M6.8 7l.9 12.5h8.6L17.2 7M10.3 10.5l.2 5.5M13.7 10.5l-.2 5.5\"/>");

    /// <summary>The finch: the mark of the network.</summary>
    public static readonly IHtmlContent Finch = new HtmlString(
        "<svg class=\"finch\" viewBox=\"0 0 64 64\" aria-hidden=\"true\" focusable=\"false\">"
        + "<path class=\"finch-tail\" d=\"M20 40 3 53c-1 .8-.3 2.3 1 2L26 50z\"/>"
        + "<path class=\"finch-body\" d=\"M48 13c-7.2-2.6-14.4.6-17.1 7-2.2 5.2-6.3 8.3-9.6 12.1C16.6 37.6 15 43.2 18.4 48c4.2 5.8 14.7 7 22.7 2.4 8.7-5 12.6-14.3 11.9-24.2-.2-2.4 1-3.7.9-6.1C53.7 16.8 51.5 14.3 48 13z\"/>"
        + "<path class=\"finch-wing\" d=\"M20.5 41.500c5.5-1.2 9.2-4 12-8.2 2.4-3.6 6.5-4.6 9.6-2.6 1.5 7.3-4.9 15.3-13.8 15.4-3.5 0-6.3-1.7-7.8-4.600z\"/>"
        + "<path class=\"finch-beak\" d=\"M53.2 18.3 61 21.400c.9.4.9 1.5 0 1.900l-7.3 2.600c-1-2.4-1.2-5-.5-7.600z\"/>"
        + "<circle class=\"finch-eye\" cx=\"46.4\" cy=\"20.4\" r=\"2\"/>"
        + "</svg>");

    private static HtmlString Line(string shapes) => new(
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.7\" stroke-linecap=\"round\" stroke-linejoin=\"round\""
        + " aria-hidden=\"true\" focusable=\"false\">" + shapes + "</svg>");
}
