using System.IO.Compression;
using System.Net;
using System.Text;

namespace Togglr.IntegrationTests.Security;

/// <summary>How the files of the admin UI are sent.</summary>
[Collection(SecurityTests.Name)]
public sealed class UiFilesTests(SecurityServers servers)
{
    private static readonly byte[] Script = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("export const told = 'the same again and again'\n", 200)));

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("identity", null)]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("zstd, deflate, compress", null)]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("br;q=0.2, gzip;q=0.8", "gzip")]
    [InlineData("*", "br")]
    [InlineData("*;q=0", null)]
    [InlineData("br;q=0, *;q=0.5", "gzip")]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("identity;q=0.5, gzip", "gzip")]
    [InlineData("identity;q=0", null)]
    [InlineData("br;q=nothing, \"", null)]
    public async Task The_best_copy_that_is_accepted_is_sent(string? accepted, string? coding)
    {
        var path = await MakeAsync();
        using var answer = await GetAsync(path, accepted is null ? [] : [("Accept-Encoding", accepted)]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(coding, answer.Header("Content-Encoding"));
        Assert.Equal("Accept-Encoding", answer.Header("Vary"));
        Assert.Equal("text/javascript", answer.Header("Content-Type"));
        Assert.Equal("public, max-age=31536000, immutable", answer.Header("Cache-Control"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        var sent = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(sent.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(coding is null, sent.Length >= Script.Length);
        Assert.Equal(Script, Decoded(sent, coding));
    }

    [Fact]
    public async Task Each_coding_has_a_version_and_ranges_of_its_own()
    {
        var path = await MakeAsync();
        var versions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var coding in new[] { "br", "gzip", "identity" })
        {
            var wanted = ("Accept-Encoding", coding);
            using var whole = await GetAsync(path, wanted);
            var bytes = await whole.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            var version = whole.Header("ETag")!;
            Assert.True(versions.Add(version));
            using var known = await GetAsync(path, wanted, ("If-None-Match", version));
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal("Accept-Encoding", known.Header("Vary"));
            Assert.Equal(version, known.Header("ETag"));
            using var part = await GetAsync(path, wanted, ("Range", "bytes=3-9"), ("If-Range", version));
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal($"bytes 3-9/{bytes.Length}", part.Header("Content-Range"));
            Assert.Equal(bytes[3..10], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            using var beyond = await GetAsync(path, wanted, ("Range", $"bytes={bytes.Length}-"));
            Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
            using var head = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Head, path, headers: [wanted]);
            Assert.Equal((long?)bytes.Length, head.Content.Headers.ContentLength);
            Assert.Equal(version, head.Header("ETag"));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
        using var other = await GetAsync(path, ("Accept-Encoding", "gzip"), ("If-None-Match", versions.First()));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task What_has_no_copy_is_sent_as_it_is_and_copies_have_no_address()
    {
        var path = await MakeAsync();
        await File.WriteAllBytesAsync(Path.Combine(servers.Web, "assets", "letters.woff2"), [1, 2, 3], TestContext.Current.CancellationToken);
        using var font = await GetAsync("/assets/letters.woff2", ("Accept-Encoding", "br, gzip"));
        Assert.Equal("font/woff2", font.Header("Content-Type"));
        Assert.Null(font.Header("Content-Encoding"));
        Assert.Null(font.Header("Vary"));
        foreach (var copy in new[] { path + ".br", path + ".gz", "/assets/../theme.js.gz", "/assets/%2e%2e/index.html.br" })
        {
            using var answer = await GetAsync(copy, ("Accept-Encoding", "br, gzip"));
            Assert.NotEqual("text/javascript", answer.Header("Content-Type"));
            Assert.Null(answer.Header("Content-Encoding"));
        }
        using var theme = await GetAsync("/theme.js");
        Assert.Equal("no-cache", theme.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_page_that_is_built_again_is_shown_without_a_new_start()
    {
        var index = Path.Combine(servers.Web, "index.html");
        var before = await File.ReadAllTextAsync(index, TestContext.Current.CancellationToken);
        try
        {
            await WriteAsync(index, $"<html>{before} built again</html>", 2);
            Assert.Contains("built again", await PageAsync(), StringComparison.Ordinal);
            await WriteAsync(index, "<html>half a pa", 4);
            Assert.Contains("built again", await PageAsync(), StringComparison.Ordinal);
            File.Delete(index);
            Assert.Contains("built again", await PageAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await WriteAsync(index, before + "</html>", 6);
        }
        Assert.DoesNotContain("built again", await PageAsync(), StringComparison.Ordinal);
    }

    /// <summary>A time of its own, whatever the clock of the file system can tell apart.</summary>
    private static async Task WriteAsync(string path, string text, int minutes)
    {
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(minutes));
    }

    private async Task<string> PageAsync()
    {
        using var answer = await GetAsync("/login");
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private Task<HttpResponseMessage> GetAsync(string path, params (string, string)[] headers) => SecurityServers.SendAsync(servers.Plain, HttpMethod.Get, path, headers: headers);

    /// <summary>A script with its copies, as the build leaves them.</summary>
    private async Task<string> MakeAsync()
    {
        var name = $"app-{Guid.CreateVersion7():n}.js";
        var path = Path.Combine(servers.Web, "assets", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, Script, TestContext.Current.CancellationToken);
        await using (var brotli = new BrotliStream(File.Create(path + ".br"), CompressionLevel.Optimal))
            await brotli.WriteAsync(Script, TestContext.Current.CancellationToken);
        await using (var gzip = new GZipStream(File.Create(path + ".gz"), CompressionLevel.Optimal))
            await gzip.WriteAsync(Script, TestContext.Current.CancellationToken);
        return $"/assets/{name}";
    }

    private static byte[] Decoded(byte[] sent, string? coding)
    {
        using var source = new MemoryStream(sent);
        using Stream decoder = coding switch { "br" => new BrotliStream(source, CompressionMode.Decompress), "gzip" => new GZipStream(source, CompressionMode.Decompress), _ => source };
        using var all = new MemoryStream();
        decoder.CopyTo(all);
        return all.ToArray();
    }
}
