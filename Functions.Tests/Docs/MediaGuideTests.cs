using Backend.Media;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Docs;

/// <summary>The example of docs/media.md is code of this project, and does what it says.</summary>
public sealed class MediaGuideTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_moderator_of_the_example_refuses_screenshots()
    {
        var code = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "Functions.Tests/Docs/MediaGuideSample.cs"), Ct);
        var block = Assert.Single(Markdown.Read("docs/media.md").Blocks(), block => block.Info == "csharp");
        Assert.Contains(block.Code.Trim(), code, StringComparison.Ordinal);
        var photo = new MediaToReview("1", "user/alice", "alice", "image/jpeg", 1170, 2532, "");

        Assert.IsType<ModerationVerdict.Approved>(await new NoScreenshots().ReviewAsync(photo, Ct));
        Assert.IsType<ModerationVerdict.Rejected>(await new NoScreenshots().ReviewAsync(photo with { ContentType = "image/png" }, Ct));
    }
}
