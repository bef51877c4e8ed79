using Backend.Security;

namespace Functions.Tests.Security;

public sealed class SignerTests
{
    private static readonly byte[] Old = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] New = [.. Enumerable.Repeat((byte)2, 32)];

    [Fact]
    public void A_signature_is_good_for_its_text_and_purpose_only()
    {
        var signer = new Signer([Old]);
        var signature = signer.Sign("cursor", "text");

        Assert.True(signer.Verify("cursor", "text", signature));
        Assert.False(signer.Verify("cursor", "texT", signature));
        Assert.False(signer.Verify("image", "text", signature));
        Assert.False(signer.Verify("cursor", "text", signature[..^2]));
        Assert.False(signer.Verify("cursor", "text", ""));
        Assert.False(signer.Verify("cursor", "text", null));
        Assert.False(signer.Verify("cursor", "text", "!" + signature[1..]));
    }

    [Fact]
    public void A_rotated_key_still_verifies_and_no_longer_signs()
    {
        var before = new Signer([Old]).Sign("cursor", "text");
        var rotated = new Signer([New, Old]);

        Assert.True(rotated.Verify("cursor", "text", before));
        Assert.NotEqual(before, rotated.Sign("cursor", "text"));
        Assert.False(new Signer([New]).Verify("cursor", "text", before));
    }
}
