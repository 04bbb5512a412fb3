using Togglr.Hosting.Configuration;

namespace Togglr.UnitTests.Hosting;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-configuration").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Without_anything_the_defaults_are_usable()
    {
        var options = Load([], []);
        Assert.Equal(["control", "edge", "ingest"], options.Roles);
        Assert.Equal("127.0.0.1:8080", Assert.Single(options.Listen).ToString());
        Assert.Null(options.DatabaseUrl);
        Assert.False(options.Demo);
    }

    [Fact]
    public void A_switch_beats_the_environment_beats_the_file_beats_the_default()
    {
        var file = Write("max-body-bytes: 3000\nmax:\n  context_bytes: 4000\nlisten: [127.0.0.1:1, 127.0.0.1:2]\nlog_level: error\n");
        var options = Load(["--config", file, "--log-level=debug"], new() { ["TOGGLR_MAX_BODY_BYTES"] = "5000", ["TOGGLR_LOG_LEVEL"] = "warning" });
        Assert.Equal(5000, options.MaxBodyBytes);
        Assert.Equal(4000, options.MaxContextBytes);
        Assert.Equal([1, 2], options.Listen.Select(address => address.Port));
        Assert.Equal("debug", options.LogLevel);
    }

    [Theory]
    [InlineData("TOGGLR_ROLES", "control,postman")]
    [InlineData("TOGGLR_ROLES", " , ")]
    [InlineData("TOGGLR_LISTEN", "8080")]
    [InlineData("TOGGLR_LISTEN", "127.0.0.1:99999")]
    [InlineData("TOGGLR_LISTEN", "example.com:80")]
    [InlineData("TOGGLR_MAX_BODY_BYTES", "1 MB")]
    [InlineData("TOGGLR_MAX_BODY_BYTES", "-1")]
    [InlineData("TOGGLR_ACCESS_TOKEN_MINUTES", "0")]
    [InlineData("TOGGLR_DEMO", "maybe")]
    [InlineData("TOGGLR_LOG_FORMAT", "xml")]
    [InlineData("TOGGLR_CONTROL_PLANE_URL", "ftp://control")]
    [InlineData("TOGGLR_ADMIN_EMAIL", "admin")]
    [InlineData("TOGGLR_JWT_SECRET", "short")]
    [InlineData("TOGGLR_DATA_DIR", " ")]
    public void A_value_that_cannot_be_used_is_refused_by_the_name_of_its_option(string name, string value)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load([], new() { [name] = value }));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_never_appears_in_an_error_or_a_description()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load([], new() { ["TOGGLR_EDGE_TOKEN"] = "hunter2" }));
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
        var described = Load([], new() { ["TOGGLR_DATABASE_URL"] = "postgres://a:hunter2@db/x" }).Describe();
        Assert.DoesNotContain(described, option => option.Value.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_switch_and_an_unknown_key_in_the_file_are_named()
    {
        Assert.Contains("TOGGLR_PROT", Assert.Throws<ConfigurationException>(() => Load(["--prot", "80"], [])).Message, StringComparison.Ordinal);
        var file = Write("databse:\n  url: x\n");
        Assert.Contains("TOGGLR_DATABSE_URL", Assert.Throws<ConfigurationException>(() => Load(["--config", file], [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [1\n")]
    [InlineData("- a\n- b\n")]
    public void A_file_that_is_no_mapping_is_refused(string yaml) =>
        Assert.Throws<ConfigurationException>(() => Load(["--config", Write(yaml)], []));

    [Fact]
    public void An_edge_on_its_own_needs_a_control_plane_and_its_token()
    {
        Assert.Contains("TOGGLR_CONTROL_PLANE_URL", Assert.Throws<ConfigurationException>(() => Load(["--roles", "edge"], [])).Message, StringComparison.Ordinal);
        Load(["--roles", "edge", "--control-plane-url", "http://control:8080", "--edge-token", "0123456789abcdef"], []);
    }

    [Fact]
    public void Demo_mode_is_refused_where_other_machines_can_connect() =>
        Assert.Contains("TOGGLR_DEMO", Assert.Throws<ConfigurationException>(() => Load(["--demo", "--listen", "0.0.0.0:8080"], [])).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_option_is_documented_with_its_default()
    {
        var lines = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs", "configuration.md"));
        foreach (var option in TogglrOptions.Definitions)
        {
            var row = Array.Find(lines, line => line.StartsWith($"| `{option.Name}` |", StringComparison.Ordinal));
            Assert.True(row is not null, $"docs/configuration.md has no row for {option.Name}");
            Assert.Contains(option.Default.Length == 0 ? "| – |" : $"| `{option.Default}` |", row, StringComparison.Ordinal);
            Assert.Contains(option.Description, row, StringComparison.Ordinal);
        }
    }

    private static TogglrOptions Load(string[] arguments, Dictionary<string, string> environment) => TogglrOptions.Load(arguments, environment);

    private string Write(string yaml)
    {
        var file = Path.Combine(_directory, $"{Guid.CreateVersion7()}.yaml");
        File.WriteAllText(file, yaml);
        return file;
    }
}
