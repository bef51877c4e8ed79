using System.Text.Json;
using Backend.Model;
using Functions.Tests.Fixtures;

namespace Functions.Tests.Model;

public sealed class ModelLoaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void The_sample_model_is_good()
    {
        var model = ModelLoader.Load(RepositoryFiles.Model);

        Assert.Equal(["comments", "notebooks", "notes", "orders", "profiles"], model.Collections.Keys.Order());
        Assert.Equal(["display", "thumb"], model.Presets.Keys.Order());
        Assert.True(model.Collections["orders"].Fields["price"].ServerOnly);
    }

    [Fact]
    public void Every_error_of_every_file_is_reported_at_once()
    {
        Write("a.json", """{"scope":"galaxy","fields":{"id":{"type":"string"},"b":{"type":"text"},"c":{"type":"string","min":1}},"x":1}""");
        Write("b.json", """{"fields":{"n":{"type":"integer","min":5,"max":1,"default":"x"},"r":{"type":"reference","collection":"z"}}}""");
        Write("c.json", "{");
        Write("media.json", """{"presets":{"Big":{"width":0,"format":"bmp"}}}""");

        var errors = Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors;

        Assert.Equal(
            [
                "a.json $.fields.b.type", "a.json $.fields.c.min", "a.json $.fields.id", "a.json $.scope", "a.json $.x",
                "b.json $.fields.n.default", "b.json $.fields.n.min", "b.json $.fields.r.collection", "b.json $.scope",
                "c.json $",
                "media.json $.presets.Big", "media.json $.presets.Big.format", "media.json $.presets.Big.height",
                "media.json $.presets.Big.width",
            ],
            errors.Select(error => $"{error.File} {error.Path}").Order(StringComparer.Ordinal));
        Assert.All(errors, error => Assert.NotEmpty(error.Reason));
    }

    [Theory]
    [InlineData("""{"scope":"user","fields":{},"rules":{"read":"anyone"}}""", "$.rules.read")]
    [InlineData("""{"scope":"user","fields":{},"rules":{"list":"true"}}""", "$.rules.list")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"string","pattern":"("}}}""", "$.fields.f.pattern")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"string","enum":[]}}}""", "$.fields.f.enum")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"string","maxLength":0}}}""", "$.fields.f.maxLength")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"reference"}}}""", "$.fields.f.collection")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"boolean","required":"yes"}}}""", "$.fields.f.required")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"integer","required":true,"serverOnly":true}}}""", "$.fields.f.required")]
    [InlineData("""{"scope":"user","fields":{"f-g":{"type":"string"}}}""", "$.fields.f-g")]
    [InlineData("""{"scope":"user","fields":[]}""", "$.fields")]
    [InlineData("""{"scope":"user","fields":{},"scope":"user"}""", "$")]
    [InlineData("""{"scope":"user","fields":{"expanded":{"type":"boolean"}}}""", "$.fields.expanded")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"json","indexed":true}}}""", "$.fields.f.indexed")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"set","indexed":true}}}""", "$.fields.f.indexed")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"media","indexed":true}}}""", "$.fields.f.indexed")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"string","indexed":true}}}""", "$.fields.f.indexed")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"string","maxLength":257,"indexed":true}}}""", "$.fields.f.indexed")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"string"}},"indexes":[["f"]]}""", "$.indexes[0][0]")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"json"}},"indexes":[["owner"],["owner","f"]]}""", "$.indexes[1][1]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":{}}""", "$.indexes")]
    [InlineData("""{"scope":"user","fields":{},"indexes":["owner"]}""", "$.indexes[0]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":[[]]}""", "$.indexes[0]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":[["owner","createdAt","updatedAt","a","b"]]}""", "$.indexes[0]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":[["owner","-owner"]]}""", "$.indexes[0][1]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":[[5]]}""", "$.indexes[0][0]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":[["id"]]}""", "$.indexes[0][0]")]
    [InlineData("""{"scope":"user","fields":{},"indexes":[["owner","-createdAt"],["-owner","createdAt"]]}""", "$.indexes[1]")]
    [InlineData("""{"scope":"user","fields":{"f":{"type":"integer","indexed":true}},"indexes":[["-f"]]}""", "$.indexes[0]")]
    public void A_wrong_file_is_refused_at_its_path(string json, string path)
    {
        Write("a.json", json);

        var errors = Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors;

        Assert.Equal([path], errors.Select(error => error.Path));
    }

    [Fact]
    public void Indexes_are_those_of_indexed_fields_and_those_that_are_declared()
    {
        Write("a.json", """
            {"scope":"user","fields":{
              "n":{"type":"integer","indexed":true},"s":{"type":"string","enum":["x","y"],"indexed":true},"t":{"type":"timestamp"}},
             "indexes":[["s","-t"],["-updatedAt"]]}
            """);

        var indexes = ModelLoader.Load(_folder.Path).Collections["a"].Indexes;

        Assert.Equal(["n", "s", "s,-t", "-updatedAt"], indexes.Select(index => index.ToString()));
    }

    [Theory]
    [InlineData("a,-b", "a,-b", true)]
    [InlineData("a,-b", "-a,b", true)]
    [InlineData("a,-b", "a,b", false)]
    [InlineData("a,-b", "-b,a", false)]
    [InlineData("a,-b", "a", false)]
    [InlineData("a", "a,b", false)]
    public void An_index_serves_its_order_and_the_reverse(string index, string sort, bool serves)
    {
        IndexKey[] KeysOf(string text) => [.. text.Split(',').Select(IndexKey.Parse)];

        Assert.Equal(serves, new IndexModel(KeysOf(index)).Serves(KeysOf(sort)));
    }

    [Fact]
    public void Every_error_of_every_rule_is_reported_with_its_place_in_the_rule()
    {
        Write("a.json", """{"scope":"user","fields":{"n":{"type":"integer"}},"rules":{"read":"record.m == 1 || record.n == 'x'","update":"true ||"}}""");

        var errors = Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors;

        Assert.Equal(
            [
                "a.json $.rules.read: at character 1: a has no field 'm'; it has n",
                "a.json $.rules.read: at character 30: expected a number, this is a text",
                "a.json $.rules.update: at character 8: the text ends where a value is expected",
            ],
            errors.Select(error => error.ToString()));
    }

    [Fact]
    public void A_folder_that_is_missing_or_empty_is_refused()
    {
        Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path));
        Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.File("none")));
    }

    [Fact]
    public void A_pattern_that_would_backtrack_for_ever_is_matched_in_linear_time()
    {
        Write("a.json", """{"scope":"user","fields":{"f":{"type":"string","pattern":"^(a+)+$"}}}""");
        var pattern = ModelLoader.Load(_folder.Path).Collections["a"].Fields["f"].Pattern;

        Assert.False(pattern?.IsMatch(new string('a', 5_000) + "!"));
    }

    [Fact]
    public void The_schema_for_editors_knows_the_same_names_as_the_loader()
    {
        var schema = JsonElement.Parse(File.ReadAllBytes(Path.Combine(RepositoryFiles.Model, "collection.schema.json")));
        var field = schema.GetProperty("$defs").GetProperty("field").GetProperty("properties");
        var types = field.GetProperty("type").GetProperty("enum").EnumerateArray().Select(type => type.GetString()).ToList();

        Assert.Equal(Enum.GetValues<FieldType>().Select(FieldReader.NameOf).Order(), types.Order());
        foreach (var type in types)
        {
            var target = type == "reference" ? ",\"collection\":\"a\"" : "";
            Write("a.json", $$"""{"scope":"user","fields":{"f":{"type":"{{type}}"{{target}} } } }""");
            Assert.Single(ModelLoader.Load(_folder.Path).Collections["a"].Fields);
        }

        // What the loader calls unknown lists what it knows.
        Write("a.json", """{"scope":"user","fields":{"f":{"type":"string","nope":1}}}""");
        var reason = Assert.Single(Assert.Throws<ModelException>(() => ModelLoader.Load(_folder.Path)).Errors).Reason;
        Assert.All(field.EnumerateObject(), property => Assert.Contains(property.Name, reason, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string file, string json) => File.WriteAllText(_folder.File(file), json);
}
