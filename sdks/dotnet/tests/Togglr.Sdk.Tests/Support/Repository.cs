namespace Togglr.Sdk.Tests.Support;

internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Togglr.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("Run the tests inside the repository.");
    }
}
