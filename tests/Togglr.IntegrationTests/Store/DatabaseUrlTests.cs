using Npgsql;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class DatabaseUrlTests
{
    [Fact]
    public void An_address_becomes_a_connection()
    {
        var connection = DatabaseUrl.Parse("postgres://togglr:p%40ss%3Aword@db.example.org:6432/flags?sslmode=verify-full&application_name=a%20b");
        Assert.Equal(("db.example.org", 6432, "togglr", "p@ss:word", "flags"), (connection.Host, connection.Port, connection.Username, connection.Password, connection.Database));
        Assert.Equal((SslMode.VerifyFull, "a b"), (connection.SslMode, connection.ApplicationName));
    }

    [Theory]
    [InlineData("postgresql://db/flags", "db", 5432, "flags")]
    [InlineData("postgres://u@[::1]:5433", "::1", 5433, "togglr")]
    [InlineData("postgres://u@db/flags?host=/run/postgresql", "/run/postgresql", 5432, "flags")]
    [InlineData("Host=db;Port=5433;Database=flags", "db", 5433, "flags")]
    public void Short_forms_have_the_usual_defaults(string text, string host, int port, string database)
    {
        var connection = DatabaseUrl.Parse(text);
        Assert.Equal((host, port, database), (connection.Host, connection.Port, connection.Database));
    }

    [Theory]
    [InlineData("postgres://u:secret@db/flags?sslmode=perhaps")]
    [InlineData("postgres://u:secret@db/flags?unknown=1")]
    [InlineData("postgres://u:secret@db:port/flags")]
    [InlineData("mysql://u:secret@db/flags")]
    [InlineData("Database=flags;Password=secret")]
    public void What_cannot_be_meant_names_the_option_and_not_the_password(string text)
    {
        var failed = Assert.Throws<FormatException>(() => DatabaseUrl.Parse(text));
        Assert.Contains("TOGGLR_DATABASE_URL", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logs_show_no_password() =>
        Assert.Equal("postgres://u@db:5432/flags", DatabaseUrl.Mask(DatabaseUrl.Parse("postgres://u:secret@db/flags")));
}
