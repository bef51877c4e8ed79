using System.Text;
using System.Text.Json.Nodes;
using Backend.Sync.Pull;

namespace Functions.Tests.Sync;

public sealed class CanonicalJsonTests
{
    /// <summary>From RFC 8785, section 3.2.2 and 3.2.3, and appendix B.</summary>
    [Theory]
    [InlineData("""{"b":1,"a":[true,null,"x"]}""", """{"a":[true,null,"x"],"b":1}""")]
    [InlineData("""{"\u20ac":"Euro Sign","\r":"Carriage Return","1":"One","\u0080":"Control"}""", "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"€\":\"Euro Sign\"}")]
    [InlineData("333333333.33333329", "333333333.3333333")]
    [InlineData("1E30", "1e+30")]
    [InlineData("4.50", "4.5")]
    [InlineData("2e-3", "0.002")]
    [InlineData("0.000000000000000000000000001", "1e-27")]
    [InlineData("-0", "0")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("295147905179352830000", "295147905179352830000")]
    [InlineData("999999999999999900000", "999999999999999900000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("-0.0000033333333333333333", "-0.0000033333333333333333")]
    [InlineData("0.0000009", "9e-7")]
    [InlineData("\"\\u000f\\n\\u0041'\\u0042\\u0022\\\\\\/\"", "\"\\u000f\\nA'B\\\"\\\\/\"")]
    public void Equal_values_have_one_text(string json, string canonical) =>
        Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void The_reference_client_writes_the_same()
    {
        var record = """{"collection":"notes","id":"a","n":-0.0000033333333333333333,"m":1e30,"k":123456789012345680000,"l":1234567890123456.8,"h":-2.5,"t":"ü\u0001\"€","$version":"0"}""";
        var (_, count, hash) = Assert.Single(global::SyncClient.Checksum.Of([JsonNode.Parse(record)!.AsObject()]));

        var bytes = System.Security.Cryptography.SHA256.HashData(CanonicalJson.Of(Encoding.UTF8.GetBytes(record)));
        Assert.Equal((1, Convert.ToHexStringLower(bytes.AsSpan(0, 16))), (count, hash));
    }
}
