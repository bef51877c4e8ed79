namespace Functions.Tests.Fixtures;

/// <summary>Files of the repository that tests use: the sample model, the sample photo, the README.</summary>
public static class RepositoryFiles
{
    public static string Root { get; } = Find();

    public static string Model => Path.Combine(Root, "model");

    public static string Photo => Path.Combine(Root, "samples", "photo.jpg");

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Backend.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository");
    }
}
