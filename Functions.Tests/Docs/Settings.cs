using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Backend;
using Backend.Azure.Records;
using Local.Hosting;

namespace Functions.Tests.Docs;

/// <param name="Key">As configuration names it, for example <c>Http:MaxBodyBytes</c>.</param>
/// <param name="Default">As the documentation writes it; <c>none</c> where there is none.</param>
/// <param name="Range">As the documentation writes it; null where no attribute states one.</param>
/// <param name="IsRequired">Whether the host does not start without it.</param>
internal sealed record Setting(string Key, string Default, string? Range, bool IsRequired)
{
    /// <summary>Every property of every options class of the product.</summary>
    public static IEnumerable<Setting> All() =>
        from assembly in new[] { typeof(BackendApplication).Assembly, typeof(CosmosOptions).Assembly, typeof(LocalHost).Assembly }
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal) && type is { IsClass: true, IsAbstract: false }
        let options = Activator.CreateInstance(type)
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.CanWrite
        let standard = Describe(property.GetValue(options))
        let range = property.GetCustomAttribute<RangeAttribute>()
        select new Setting(
            $"{SectionOf(type)}:{property.Name}",
            standard,
            range is null ? null : string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"),
            standard == "none" && property.GetCustomAttribute<RequiredAttribute>() is not null);

    private static string SectionOf(Type options) =>
        options.GetField("Section")?.GetRawConstantValue() as string ?? options.Name[..^"Options".Length];

    private static string Describe(object? value) => value switch
    {
        null or "" => "none",
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable list when !list.GetEnumerator().MoveNext() => "none",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
