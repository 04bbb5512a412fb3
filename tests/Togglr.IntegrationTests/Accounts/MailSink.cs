using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Accounts;

/// <summary>A real mail server (<c>tests/smtp</c>) that delivers nothing and tells what it was given.</summary>
public sealed class MailSink : IAsyncDisposable
{
    private readonly NodePeer _peer;
    private readonly HttpClient _control;
    private readonly string? _directory;

    private MailSink(NodePeer peer, string? directory)
    {
        (_peer, _directory) = (peer, directory);
        _control = new HttpClient { BaseAddress = new Uri(peer.Ready.GetProperty("control").GetString()!) };
    }

    public int Port => _peer.Ready.GetProperty("port").GetInt32();

    /// <summary>The file of its certificate, where it has one.</summary>
    public string? Certificate => _directory is null ? null : Path.Combine(_directory, "cert.pem");

    public static async Task<MailSink> StartAsync(string? user = null, string? password = null, bool tls = false, bool secure = false)
    {
        if (!tls)
            return new MailSink(await NodePeer.StartAsync("smtp", "smtp-server", "sink.mjs", JsonSerializer.Serialize(new { user, pass = password })), directory: null);
        var directory = Directory.CreateTempSubdirectory("togglr-smtp-").FullName;
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(directory, "cert.pem"), certificate.ExportCertificatePem());
        var arguments = JsonSerializer.Serialize(new { user, pass = password, secure, key = Path.Combine(directory, "key.pem"), cert = Path.Combine(directory, "cert.pem") });
        return new MailSink(await NodePeer.StartAsync("smtp", "smtp-server", "sink.mjs", arguments), directory);
    }

    /// <summary>The mails for an address so far.</summary>
    public async Task<IReadOnlyList<JsonElement>> MailsAsync(string to) =>
        [.. (await StateAsync()).GetProperty("mails").EnumerateArray().Where(mail => mail.GetProperty("envelope").GetProperty("to")[0].GetString() == to)];

    /// <summary>Waits for the <paramref name="count"/>th mail for an address.</summary>
    public async Task<JsonElement> NextAsync(string to, int count = 1)
    {
        IReadOnlyList<JsonElement> mails = [];
        await Eventually.TrueAsync(async () => (mails = await MailsAsync(to)).Count >= count, timeoutSeconds: 30);
        return mails[count - 1];
    }

    /// <summary>How often somebody tried to hand over a mail.</summary>
    public async Task<int> AttemptsAsync() => (await StateAsync()).GetProperty("attempts").GetInt32();

    /// <summary>Refuses the next recipients.</summary>
    public async Task RefuseAsync(int times, int code = 451) => (await _control.PostAsync($"/refuse?times={times}&code={code}", content: null)).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await _peer.DisposeAsync();
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
    }

    private Task<JsonElement> StateAsync() => _control.GetFromJsonAsync<JsonElement>("/");
}
