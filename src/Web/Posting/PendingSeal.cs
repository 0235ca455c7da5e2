using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Twite.Web.Posting;

/// <summary>Writes pending posts as the value of a cookie that nobody can read or change, and that says nothing in another account's hands. Any
/// thread may use it.</summary>
internal sealed class PendingSeal(IDataProtectionProvider protection)
{
    // Messages is asked about all of them at once, on every page that shows them.
    private const int MaxPosts = 5;

    // Browsers keep 4,096 bytes of a cookie, its name and attributes among them.
    private const int MaxLength = 3_800;

    /// <summary>The newest posts, as many as a cookie holds; the newest always.</summary>
    public string Close(long accountId, IReadOnlyList<PendingPost> posts)
    {
        var protector = ProtectorOf(accountId);
        for (var count = Math.Min(posts.Count, MaxPosts); ; count--)
        {
            var value = Base64Url.EncodeToString(protector.Protect(Write(posts.TakeLast(count))));
            if (value.Length <= MaxLength || count == 1)
            {
                return value;
            }
        }
    }

    /// <summary>The posts; none when it is not the account's, or not ours.</summary>
    public IReadOnlyList<PendingPost> Open(long accountId, string value)
    {
        try
        {
            return Read(ProtectorOf(accountId).Unprotect(Base64Url.DecodeFromChars(value)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return [];
        }
    }

    private IDataProtector ProtectorOf(long accountId) =>
        protection.CreateProtector("Twite.Web.PendingPosts.1", accountId.ToString(CultureInfo.InvariantCulture));

    private static byte[] Write(IEnumerable<PendingPost> posts)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var post in posts)
        {
            writer.Write(post.Key);
            writer.Write(post.Text);
            writer.Write(post.Since.ToUnixTimeMilliseconds());
        }
        writer.Flush();
        return bytes.ToArray();
    }

    private static List<PendingPost> Read(byte[] bytes)
    {
        var posts = new List<PendingPost>();
        using var reader = new BinaryReader(new MemoryStream(bytes));
        while (reader.BaseStream.Position < bytes.Length)
        {
            posts.Add(new PendingPost(reader.ReadString(), reader.ReadString(), DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64())));
        }
        return posts;
    }
}
