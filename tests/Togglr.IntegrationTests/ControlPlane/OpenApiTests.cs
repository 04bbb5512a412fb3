using Togglr.ControlPlane.Api;

namespace Togglr.IntegrationTests.ControlPlane;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_committed_description_is_the_one_of_the_code()
    {
        var path = Path.Combine(RepositoryRoot.Path, "spec", "openapi.json");
        var current = await ApiDocument.WriteAsync(TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") is not null)
            await File.WriteAllTextAsync(path, current, TestContext.Current.CancellationToken);
        var committed = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.True(current == committed, "spec/openapi.json is out of date: run `make openapi`, or this test with UPDATE_OPENAPI=1.");
    }
}
