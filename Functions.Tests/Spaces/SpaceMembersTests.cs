using System.Text;
using Backend.Spaces;

namespace Functions.Tests.Spaces;

public sealed class SpaceMembersTests
{
    [Theory]
    [InlineData("""{"members":{"alice":{"role":"owner","joinedAt":"x"}}}""", "owner")]
    [InlineData("""{"name":"alice","members":{"bob":{"role":"owner"},"alice":{"joinedAt":"x","role":"viewer"}}}""", "viewer")]
    [InlineData("""{"other":{"alice":{"role":"owner"}},"members":{"alice":{"x":{"role":"owner"},"role":"editor"}}}""", "editor")]
    [InlineData("""{"members":{"ali\u0063e":{"role":"viewer"}}}""", "viewer")]
    [InlineData("""{"members":{"bob":{"role":"owner"}},"alice":{"role":"owner"}}""", null)]
    [InlineData("""{"members":{"alice2":{"role":"owner"},"Alice":{"role":"owner"},"bob":{"alice":{"role":"owner"}}}}""", null)]
    [InlineData("""{"name":"members","x":[{"members":{"alice":{"role":"owner"}}}]}""", null)]
    [InlineData("""{"members":{"alice":{}}}""", null)]
    [InlineData("""{"members":"alice","alice":{"role":"owner"}}""", null)]
    [InlineData("""{"members":{}}""", null)]
    [InlineData("{}", null)]
    public void A_role_is_found_where_it_is_and_nowhere_else(string fields, string? role) =>
        Assert.Equal(role, SpaceMembers.FindRole(Encoding.UTF8.GetBytes(fields), "alice"));

    [Theory]
    [InlineData("auth0|a\"b\\c")]
    [InlineData("members")]
    [InlineData("role")]
    public void What_is_written_is_found(string user)
    {
        var details = new SpaceDetails
        {
            Name = "members \" \\ alice",
            Members = new Dictionary<string, SpaceMember> { ["x"] = new("owner", "now"), [user] = new("editor", "now", "invitation") },
        };

        var fields = details.ToFields().Utf8.Span;

        Assert.Equal("editor", SpaceMembers.FindRole(fields, user));
        Assert.Null(SpaceMembers.FindRole(fields, "joinedAt"));
    }
}
