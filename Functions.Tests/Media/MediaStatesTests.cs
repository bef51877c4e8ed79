using Backend.Media;

namespace Functions.Tests.Media;

public sealed class MediaStatesTests
{
    [Fact]
    public void Only_the_listed_moves_are_legal()
    {
        (MediaStatus From, MediaStatus To)[] legal =
        [
            (MediaStatus.Pending, MediaStatus.Uploaded), (MediaStatus.Uploaded, MediaStatus.Uploaded),
            (MediaStatus.Processing, MediaStatus.Uploaded), (MediaStatus.Ready, MediaStatus.Uploaded),
            (MediaStatus.Failed, MediaStatus.Uploaded), (MediaStatus.Uploaded, MediaStatus.Processing),
            (MediaStatus.Uploaded, MediaStatus.Failed), (MediaStatus.Processing, MediaStatus.Processing),
            (MediaStatus.Processing, MediaStatus.Ready), (MediaStatus.Processing, MediaStatus.Failed),
        ];

        foreach (var from in Enum.GetValues<MediaStatus>())
        {
            foreach (var to in Enum.GetValues<MediaStatus>())
            {
                Assert.Equal(legal.Contains((from, to)), MediaStates.CanMove(from, to));
            }
        }
    }
}
