using Backend.Records;

namespace Functions.Tests.Records;

public abstract partial class RecordStoreContract
{
    [Theory]
    [InlineData("user/auth0|a.b@c")]
    [InlineData("user/with space/and/slashes")]
    [InlineData("user/?#%25\\'\"`;--[]{}$&+=<>")]
    [InlineData("user/Ünïcødé-日本語-👩‍🚀")]
    [InlineData("user/..")]
    [InlineData("user/*%_")]
    [InlineData("public/notes")]
    public async Task Any_legal_scope_holds_records(string text)
    {
        var store = await CreateStoreAsync();
        Assert.True(Scope.TryParse($"{text}{Guid.NewGuid():N}", out var scope));
        var written = Written(await store.CreateAsync(NewRecord(NewKey() with { Scope = scope }), Ct));

        AssertSame(written, await store.FindAsync(written.Key, Ct));
        AssertSame(written, Assert.Single((await store.ReadChangesAsync(scope, null, 10, Ct)).Records));
    }

    [Fact]
    public async Task The_longest_scopes_and_ids_are_told_apart_by_their_last_character()
    {
        var store = await CreateStoreAsync();
        var prefix = $"user/{Guid.NewGuid():N}".PadRight(Scope.MaxLength - 1, 'x');
        foreach (var last in "ab")
        {
            Assert.True(Scope.TryParse(prefix + last, out var scope));
            Assert.True(RecordId.TryParse(new string('i', RecordId.MaxLength - 1) + last, out var id));
            Written(await store.CreateAsync(NewRecord(new RecordKey(scope, "notes", id)), Ct));

            Assert.Equal(id, Assert.Single((await store.ReadChangesAsync(scope, null, 10, Ct)).Records).Key.Id);
        }
    }

    public static TheoryData<string> OddFields => new()
    {
        "{}",
        """{"text":"Grüße, \"日本\" 👩‍🚀 \\ \n\t\u0000 </script>","ключ":"значение","":"no name"}""",
        """{"max":9007199254740991,"min":-9007199254740991,"fraction":0.1,"tiny":1e-300,"zero":0,"yes":true,"no":false,"none":null}""",
        """{"deep":[[[{"a":[1,"2",null,{"b":{}}]}]]],"empty":[],"tags":["a","a"]}""",
        """{"id":"x","scope":"y","_etag":"z","_ts":1,"ttl":1,"deleted":true,"fields":{"fields":[]},"collection":null,"$type":"q","__proto__x":1}""",
    };

    [Theory]
    [MemberData(nameof(OddFields))]
    public async Task Fields_come_back_as_they_were_written(string json)
    {
        var store = await CreateStoreAsync();
        var record = NewRecord(NewKey(), json);

        Written(await store.CreateAsync(record, Ct));

        AssertSameFields(record.Fields, (await store.FindAsync(record.Key, Ct))?.Fields);
        AssertSameFields(
            record.Fields, Assert.Single((await store.ReadChangesAsync(record.Key.Scope, null, 1, Ct)).Records).Fields);
    }

    [Fact]
    public async Task A_record_of_a_megabyte_is_kept()
    {
        var store = await CreateStoreAsync();
        var record = NewRecord(NewKey(), $$"""{"text":"{{new string('é', 500_000)}}"}""");

        var created = Written(await store.CreateAsync(record, Ct));
        Written(await store.ReplaceAsync(record, created.ETag, Ct));

        AssertSameFields(record.Fields, (await store.FindAsync(record.Key, Ct))?.Fields);
        Assert.Single((await store.ReadChangesAsync(record.Key.Scope, null, 1, Ct)).Records);
    }
}
