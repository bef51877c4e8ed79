using Backend.Media;

namespace Functions.Tests.Media;

public sealed class MediaStatesTests
{
    [Theory]
    [InlineData("Pending", "Uploaded Deleted")]
    [InlineData("Uploaded", "Uploaded Processing Failed Deleted")]
    [InlineData("Processing", "Uploaded Processing Ready Failed Deleted")]
    [InlineData("Ready", "Uploaded Ready Failed Deleted")]
    [InlineData("Failed", "Uploaded Processing Failed Deleted")]
    [InlineData("Deleted", "")]
    public void Only_the_listed_moves_are_legal(string from, string legal)
    {
        var moves = Enum.GetValues<MediaStatus>().Where(to => MediaStates.CanMove(Enum.Parse<MediaStatus>(from), to));

        Assert.Equal(legal.Split(' ', StringSplitOptions.RemoveEmptyEntries), moves.Select(to => to.ToString()));
    }
}
