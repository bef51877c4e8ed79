using Backend.Security;
using Backend.Spaces;

namespace Functions.Tests.Spaces;

public sealed class InvitationTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // State is the name of an InvitationState, which is no type that a test may show.
    [Theory]
    [InlineData("", 1, false, -1, "Good")]
    [InlineData("", 1, false, 0, "Expired")]
    [InlineData("", 1, true, -1, "Revoked")]
    [InlineData("", 1, true, 1, "Expired")]
    [InlineData("bob", 1, false, -1, "UsedUp")]
    [InlineData("bob", 2, false, -1, "Good")]
    [InlineData("alice", 1, false, -1, "Good")]
    [InlineData("alice", 1, true, -1, "Revoked")]
    [InlineData("alice", 1, false, 1, "Expired")]
    [InlineData("alice!", 5, false, -1, "UsedUp")]
    [InlineData("bob!", 2, false, -1, "Good")]
    [InlineData("bob,carol", 2, false, -1, "UsedUp")]
    [InlineData("bob,alice", 2, false, -1, "Good")]
    public void What_an_invitation_is_worth(string usedBy, int uses, bool isRevoked, int secondsAfterExpiry, string state)
    {
        var details = new InvitationDetails { Role = "viewer", ExpiresAt = "2026-03-01T12:00:00.000Z", Uses = uses };
        foreach (var user in usedBy.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            details = details.With(user.TrimEnd('!'), new InvitationUse("then", user.EndsWith('!') ? true : null));
        }

        Assert.Equal(state, $"{details.StateFor("alice", isRevoked, Noon.AddSeconds(secondsAfterExpiry))}");
    }

    [Fact]
    public void A_token_leads_back_to_what_it_was_made_for()
    {
        var tokens = new InvitationTokens(new Signer([new byte[32]]));
        var (space, invitation) = (Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString());

        var token = tokens.Create(space, invitation);

        Assert.Matches("^[A-Za-z0-9_.-]{87}$", token);
        Assert.True(tokens.TryRead(token, out var readSpace, out var readInvitation));
        Assert.Equal((space, invitation), (readSpace, readInvitation));
        Assert.False(new InvitationTokens(new Signer([[.. new byte[31], 1]])).TryRead(token, out _, out _));
        Assert.False(tokens.TryRead(tokens.Create(invitation, space)[..43] + token[43..], out _, out _));
    }
}
