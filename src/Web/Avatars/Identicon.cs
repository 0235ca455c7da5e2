using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Twite.Web.Avatars;

/// <summary>A picture for everybody, drawn from their id: always the same, and hardly ever another's. SVG without style or script.</summary>
internal static class Identicon
{
    private const int Cells = 5;

    /// <summary>A mirrored pattern of 5 by 5 cells.</summary>
    public static string Avatar(long id)
    {
        var bits = Bits(id);
        var svg = new StringBuilder(Open(120, 120)).Append(Rectangle(0, 0, 120, 120, Hue(bits), 90));
        for (var x = 0; x < (Cells + 1) / 2; x++)
        {
            for (var y = 0; y < Cells; y++)
            {
                if ((bits[4 + x] >> y & 1) == 1)
                {
                    svg.Append(Cell(x, y, bits));
                    svg.Append(x == Cells - 1 - x ? "" : Cell(Cells - 1 - x, y, bits));
                }
            }
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>A band in the same colour, three times as wide as high.</summary>
    public static string Header(long id) => Open(600, 200) + Rectangle(0, 0, 600, 200, Hue(Bits(id)), 75) + "</svg>";

    private static string Cell(int x, int y, byte[] bits) => Rectangle(10 + (x * 20), 10 + (y * 20), 20, 20, Hue(bits), 40);

    private static string Open(int width, int height) => string.Create(
        CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" shape-rendering=\"crispEdges\">");

    private static string Rectangle(int x, int y, int width, int height, int hue, int lightness) => string.Create(
        CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"hsl({hue},45%,{lightness}%)\"/>");

    private static int Hue(byte[] bits) => BinaryPrimitives.ReadUInt16LittleEndian(bits) % 360;

    private static byte[] Bits(long id)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, id);
        return SHA256.HashData(bytes);
    }
}
