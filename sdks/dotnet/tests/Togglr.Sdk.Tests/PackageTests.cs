using System.Diagnostics;
using System.IO.Compression;
using Togglr.Sdk.Tests.Support;

namespace Togglr.Sdk.Tests;

public sealed class PackageTests
{
    [Fact]
    public async Task The_package_brings_the_evaluation_core_along_and_depends_on_no_other_package_of_ours()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("togglr-pack-").FullName;
        try
        {
            await PackAsync(folder, cancellation);
            using var package = await ZipFile.OpenReadAsync(Directory.GetFiles(folder, "Togglr.Sdk.*.nupkg").Single(), cancellation);
            var files = package.Entries.Select(entry => entry.FullName).ToList();
            Assert.Superset(
                new HashSet<string>(["lib/net10.0/Togglr.Sdk.dll", "lib/net10.0/Togglr.Sdk.xml", "lib/net10.0/Togglr.Evaluation.dll", "lib/net10.0/Togglr.Evaluation.xml", "README.md"], StringComparer.Ordinal),
                files.ToHashSet(StringComparer.Ordinal));
            using var nuspec = new StreamReader(await package.GetEntry("Togglr.Sdk.nuspec")!.OpenAsync(cancellation));
            var text = await nuspec.ReadToEndAsync(cancellation);
            Assert.DoesNotContain("Togglr.Evaluation", text, StringComparison.Ordinal);
            Assert.DoesNotContain("frameworkReference", text, StringComparison.Ordinal);
            Assert.Contains("<license type=\"expression\">Apache-2.0</license>", text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PackAsync(string output, CancellationToken cancellation)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var project = Path.Combine(RepositoryRoot.Path, "sdks", "dotnet", "src", "Togglr.Sdk", "Togglr.Sdk.csproj");
        using var pack = Process.Start(new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            ArgumentList = { "pack", project, "--no-build", "--nologo", "-c", configuration, "-o", output },
        })!;
        var log = await pack.StandardOutput.ReadToEndAsync(cancellation);
        await pack.WaitForExitAsync(cancellation);
        Assert.True(pack.ExitCode == 0, log);
    }
}
