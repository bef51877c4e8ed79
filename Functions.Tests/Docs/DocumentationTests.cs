using System.Globalization;
using System.Text.RegularExpressions;
using Backend.Azure.Encryption;
using Backend.Azure.Records;
using Backend.Configuration;
using Backend.Media;
using Backend.Model;
using Backend.Orchestrations.Checks;
using Functions.Tests.Fixtures;
using Local.BlobStorage;
using Local.Hosting;
using Local.Orchestrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Docs;

/// <summary>Holds the documentation against the code, so that neither changes alone.</summary>
public sealed partial class DocumentationTests
{
    private static readonly Markdown Api = Markdown.Read("docs/api.md");
    private static readonly Markdown Configuration = Markdown.Read("docs/configuration.md");
    private static readonly Markdown Model = Markdown.Read("docs/model.md");

    [Fact]
    public void Every_code_of_a_problem_is_in_the_api_page()
    {
        var codes = ErrorCodes.Find();

        Assert.Contains("unauthenticated", codes);
        Assert.Contains("immutable", codes);
        Assert.Contains("corrupt", codes);
        AssertNone(codes.Where(code => !Api.Text.Contains($"`{code}`", StringComparison.Ordinal)), "docs/api.md lacks the codes");
    }

    [Fact]
    public void Every_code_in_the_api_page_exists()
    {
        var tables = Api.Section("Problems") + Api.Section("Media").Split("\n### States\n")[1].Split("`reason` is")[1].Split("\n###")[0];
        var documented = CodeRow().Matches(tables).SelectMany(row => CodeSpan().Matches(row.Value)).Select(code => code.Groups[1].Value)
            .Where(code => code is not ("code" or "reason")).ToList();

        Assert.True(documented.Count > 40);
        AssertNone(documented.Except(ErrorCodes.Find()), "docs/api.md lists codes that nothing answers with");
    }

    [Fact]
    public void Every_state_of_media_is_in_the_api_page() => AssertNone(
        Enum.GetValues<MediaStatus>().Select(state => $"| `{state}` |".ToLowerInvariant())
            .Where(row => !Api.Text.Contains(row, StringComparison.Ordinal)),
        "docs/api.md lacks the states");

    [Fact]
    public void Every_setting_is_in_the_configuration_page_with_its_default_and_range()
    {
        var rows = Configuration.TableRows().Where(cells => cells[0].Contains(':', StringComparison.Ordinal))
            .ToDictionary(cells => cells[0].Trim('`'), StringComparer.Ordinal);
        var settings = Setting.All().ToList();

        Assert.True(settings.Count > 30);
        AssertNone(settings.Where(setting => !rows.ContainsKey(setting.Key)).Select(setting => setting.Key), "docs/configuration.md lacks");
        AssertNone(rows.Keys.Except(settings.Select(setting => setting.Key)), "docs/configuration.md lists what does not exist");
        Assert.All(settings, setting =>
        {
            var cells = rows[setting.Key];
            Assert.Equal((setting.Key, setting.Default), (setting.Key, cells[1].Trim('`')));
            Assert.Equal((setting.Key, setting.Range ?? cells[2]), (setting.Key, cells[2]));
            Assert.True(!setting.IsRequired || cells[2].Contains("required", StringComparison.Ordinal), $"{setting.Key} is required");
        });
    }

    [Fact]
    public void Every_setting_is_known_to_the_check_of_their_names()
    {
        var services = new ServiceCollection().AddKnownSettings();
        CosmosRecords.AddCosmosRecords(services);
        KeyVaultEncryption.AddKeyVaultEncryption(services);
        BlobStorageServices.AddBlobStorage(services, isAzurite: true);
        EmbeddedOrchestrationServices.AddEmbeddedOrchestrations(services);
        OrchestrationChecks.AddOrchestrationChecks(services, new ConfigurationBuilder().Build());
        var known = services.Select(service => service.ImplementationInstance).OfType<KnownSection>()
            .SelectMany(section => section.Keys.Select(key => $"{section.Name}:{key}")).Where(key => !char.IsLower(key.Split(':')[1][0]));

        Assert.Equal(Setting.All().Select(setting => setting.Key).Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_of_the_command_line_is_in_the_configuration_page()
    {
        var options = CommandLineOption().Matches(LocalSettings.Help).Select(option => option.Value).ToList();

        Assert.Contains("--port", options);
        AssertNone(options.Where(option => !Configuration.Text.Contains($"| `{option}` |", StringComparison.Ordinal)), "docs/configuration.md lacks");
    }

    [Fact]
    public void Every_relative_link_leads_somewhere()
    {
        var broken =
            from page in Markdown.All()
            from link in page.LocalLinks()
            let parts = link.Split('#')
            let file = parts[0].Length == 0 ? page.Path : Path.GetFullPath(parts[0], Path.GetDirectoryName(page.Path)!) // a file has a folder
            let name = Path.GetRelativePath(RepositoryFiles.Root, file)
            where !Path.Exists(file) || (parts.Length > 1 && !Markdown.Read(name).HasAnchor(parts[1]))
            select $"{Path.GetRelativePath(RepositoryFiles.Root, page.Path)} -> {link}";

        AssertNone(broken, "Links lead nowhere");
    }

    [Fact]
    public void The_examples_of_the_model_page_are_one_good_model()
    {
        using var folder = new TempFolder();
        var examples = Model.Blocks().Where(block => block.Info.StartsWith("json", StringComparison.Ordinal)).ToList();
        Assert.All(examples, example => Assert.Matches("^json [a-z]+[.]json$", example.Info));
        foreach (var (info, code) in examples)
        {
            File.WriteAllText(folder.File(info["json ".Length..]), code);
        }

        var model = ModelLoader.Load(folder.Path);

        Assert.Equal(examples.Count, model.Collections.Count + 2); // media.json and spaces.json are no collections
        Assert.Contains("moderator", model.SpaceRoles.Names);
        Assert.Equal(Enum.GetValues<FieldType>(), model.Collections["everything"].Fields.Values.Select(field => field.Type).Distinct().Order());
        File.Delete(folder.File("media.json"));
        Assert.Equal(ModelLoader.Load(folder.Path).Presets.OrderBy(Name), model.Presets.OrderBy(Name));

        static string Name(KeyValuePair<string, RenditionSpec> preset) => preset.Key;
    }

    [Fact]
    public void The_model_page_has_every_type_option_limit_and_reserved_name()
    {
        var schema = File.ReadAllText(Path.Combine(RepositoryFiles.Model, "collection.schema.json"));
        var options = System.Text.Json.JsonElement.Parse(schema).GetProperty("$defs").GetProperty("field").GetProperty("properties");
        string[] names =
        [
            .. Enum.GetValues<FieldType>().Select(FieldReader.NameOf), .. ModelNames.ReservedInRecords,
            .. options.EnumerateObject().Select(option => option.Name),
        ];

        AssertNone(names.Where(name => !Model.Text.Contains($"`{name}`", StringComparison.Ordinal)), "docs/model.md lacks");
        foreach (var (type, limit) in new[]
                 {
                     ("string", FieldChecks.DefaultMaxLength), ("set", FieldChecks.DefaultMaxLength),
                     ("json", FieldChecks.DefaultMaxJsonBytes), ("set", FieldChecks.DefaultMaxItems),
                 })
        {
            Assert.Contains($"| `{type}` | 1 or more | {limit.ToString("N0", CultureInfo.InvariantCulture)} |", Model.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_message_and_field_of_the_sync_messages_says_what_it_is()
    {
        var lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "sync.proto")).Select(line => line.Trim()).ToList();
        var declared = lines.Index().Where(line => ProtobufDeclaration().IsMatch(line.Item)).ToList();

        Assert.True(declared.Count > 80);
        AssertNone(declared.Where(line => !lines[line.Index - 1].StartsWith("//", StringComparison.Ordinal)).Select(line => line.Item), "Without a comment");
    }

    private static void AssertNone(IEnumerable<string> found, string message)
    {
        var list = found.ToList();
        Assert.True(list.Count == 0, $"{message}: {string.Join(", ", list)}");
    }

    [GeneratedRegex("^\\| `[a-z_]+`.*? \\|", RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^(message|enum|oneof) |^[^/].* = [0-9]+;")]
    private static partial Regex ProtobufDeclaration();

    [GeneratedRegex("--[a-z]+(?= )")]
    private static partial Regex CommandLineOption();
}
