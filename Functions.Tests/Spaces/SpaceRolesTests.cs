using Backend.Spaces;

namespace Functions.Tests.Spaces;

public sealed class SpaceRolesTests
{
    [Fact]
    public void Without_a_file_only_owners_invite()
    {
        var roles = SpaceRoles.BuiltIn;

        Assert.Equal(["owner", "editor", "viewer"], roles.Names);
        Assert.All(roles.Names, role => Assert.True(roles.MayGive("owner", role)));
        Assert.All(["editor", "viewer", "unknown"], role => Assert.False(roles.MayInvite(role)));
    }

    [Fact]
    public void A_declared_role_gives_what_it_may_and_owners_give_all()
    {
        var roles = new SpaceRoles([new SpaceRole("moderator", null, ["viewer"])]);

        Assert.Equal(
            (true, true, false, false, true),
            (roles.MayInvite("moderator"), roles.MayGive("moderator", "viewer"), roles.MayGive("moderator", "moderator"),
                roles.MayGive("moderator", "owner"), roles.MayGive("owner", "moderator")));
    }
}
