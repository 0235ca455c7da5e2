using Twite.Notifications.Mentions;

namespace Twite.Services.Notifications;

public sealed class MentionTextTests
{
    [Theory]
    [InlineData("hello @ann", "ann")]
    [InlineData("@ann: hello", "ann")]
    [InlineData("(@ann)", "ann")]
    [InlineData("@Ann and @ANN", "ann")]
    [InlineData("@ann,@bob", "ann bob")]
    [InlineData("@ann's", "ann")]
    [InlineData("\"@a_1\"…", "a_1")]
    [InlineData("@ann\n@bob", "ann bob")]
    [InlineData("@ann.", "ann")]
    [InlineData("🐦@ann🐦", "ann")]
    [InlineData("@123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("@1234567890123456789012345678901", "")]
    [InlineData("ann@bob.example", "")]
    [InlineData("ann.@bob", "bob")]
    [InlineData("@ann@bob.example", "")]
    [InlineData("@@ann", "")]
    [InlineData("@", "")]
    [InlineData("@ ann", "")]
    [InlineData("@é", "")]
    [InlineData("https://twite.example/@ann", "")]
    [InlineData("https://x.example/?u=@ann and @bob", "bob")]
    [InlineData("é@ann", "")]
    public void Finds_names_and_nothing_else(string text, string names) =>
        Assert.Equal(names, string.Join(' ', MentionText.FindNames(text, 20)));

    [Fact]
    public void Takes_the_first_ones_when_there_are_too_many() =>
        Assert.Equal(["a1", "a2"], MentionText.FindNames("@a1 @a1 @a2 @a3", 2));
}
