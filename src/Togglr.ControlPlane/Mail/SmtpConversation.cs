using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Togglr.ControlPlane.Mail;

/// <summary>What a mail server answered: three digits and a text.</summary>
/// <param name="Code">The digits.</param>
/// <param name="Lines">The text, line by line; may repeat addresses.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines);

/// <summary>A mail server did not do what it was asked; the message names no recipient.</summary>
#pragma warning disable CA1064 // It never leaves the classes that send mail.
internal sealed class SmtpRefusedException(string message, bool isFinal = false) : IOException(message)
#pragma warning restore CA1064
{
    /// <summary>Whether trying again is of no use.</summary>
    public bool IsFinal { get; } = isFinal;
}

/// <summary>One conversation with a mail server (RFC 5321), encrypted by STARTTLS (RFC 3207) or from the first byte (RFC 8314), with AUTH PLAIN or LOGIN (RFC 4954).</summary>
internal sealed class SmtpConversation : IAsyncDisposable
{
    private const int LongestLine = 2048;
    private const int MostLines = 100;

    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly MailOptions _server;
    private readonly byte[] _buffer = new byte[4096];
    private Stream? _stream;
    private int _start;
    private int _end;
    private HashSet<string> _abilities = new(StringComparer.OrdinalIgnoreCase);
    private string _mechanisms = "";

    private SmtpConversation(MailOptions server) => _server = server;

    /// <summary>Connects, encrypts and signs in as the options say; nothing is sent over a connection that should be encrypted and is not.</summary>
    public static async Task<SmtpConversation> BeginAsync(MailOptions server, CancellationToken cancel)
    {
        var conversation = new SmtpConversation(server);
        try
        {
            await conversation._client.ConnectAsync(server.Host, server.Port, cancel);
            conversation._stream = conversation._client.GetStream();
            if (server.Tls == MailTls.Implicit)
                await conversation.EncryptAsync(cancel);
            await conversation.ExpectAsync(220, cancel);
            await conversation.GreetAsync(cancel);
            if (server.Tls == MailTls.StartTls)
            {
                if (!conversation._abilities.Contains("STARTTLS"))
                    throw new SmtpRefusedException("the mail server does not offer STARTTLS");
                await conversation.AskAsync("STARTTLS", 220, cancel);
                // What was said before it was encrypted counts for nothing.
                conversation._start = conversation._end = 0;
                await conversation.EncryptAsync(cancel);
                await conversation.GreetAsync(cancel);
            }
            if (server.User is not null)
                await conversation.SignInAsync(cancel);
            return conversation;
        }
        catch
        {
            await conversation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hands a message over to those recipients whom the server takes.</summary>
    /// <exception cref="SmtpRefusedException">It takes none, or one of them not now; then nobody gets it.</exception>
    public async Task SendAsync(IReadOnlyList<string> recipients, byte[] message, CancellationToken cancel)
    {
        var isAscii = recipients.All(static recipient => Ascii.IsValid(recipient)) && Ascii.IsValid(_server.From);
        if (!isAscii && !_abilities.Contains("SMTPUTF8"))
            throw new SmtpRefusedException("the mail server takes no addresses beyond ASCII", isFinal: true);
        await AskAsync($"MAIL FROM:<{_server.From}>{(isAscii ? "" : " SMTPUTF8")}", 250, cancel);
        var taken = 0;
        SmtpReply? refusal = null;
        foreach (var recipient in recipients)
        {
            var reply = await SayAsync($"RCPT TO:<{recipient}>", cancel);
            if (reply.Code is 250 or 251)
                taken++;
            else if (refusal is null || reply.Code < 500)
                refusal = reply;
        }
        if (refusal is { Code: < 500 } || taken == 0)
            throw new SmtpRefusedException(string.Create(CultureInfo.InvariantCulture, $"the mail server refuses the recipient ({refusal!.Code})"), isFinal: refusal.Code is >= 500 and < 600);
        await AskAsync("DATA", 354, cancel);
        await _stream!.WriteAsync(message, cancel);
        await AskAsync(".", 250, cancel);
    }

    /// <summary>Takes leave; the server has the message already.</summary>
    public async Task EndAsync(CancellationToken cancel)
    {
        try
        {
            await SayAsync("QUIT", cancel);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It was quicker, or takes its time: either way it has the message.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        _client.Dispose();
    }

    private async Task GreetAsync(CancellationToken cancel)
    {
        var reply = await SayAsync("EHLO [127.0.0.1]", cancel);
        if (reply.Code != 250)
            throw Unexpected(reply);
        _abilities = reply.Lines.Select(static line => line.Split(' ')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _mechanisms = $" {reply.Lines.FirstOrDefault(static line => line.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase)) ?? ""} ".ToUpperInvariant();
    }

    private async Task SignInAsync(CancellationToken cancel)
    {
        var (user, password) = (_server.User!, _server.Password ?? "");
        if (_mechanisms.Contains(" PLAIN ", StringComparison.Ordinal))
        {
            await AskAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", 235, cancel);
        }
        else if (_mechanisms.Contains(" LOGIN ", StringComparison.Ordinal))
        {
            await AskAsync("AUTH LOGIN", 334, cancel);
            await AskAsync(Base64(user), 334, cancel);
            await AskAsync(Base64(password), 235, cancel);
        }
        else
        {
            throw new SmtpRefusedException("the mail server offers no way to sign in that is known here (PLAIN, LOGIN)");
        }
    }

    private async Task EncryptAsync(CancellationToken cancel)
    {
        var secure = new SslStream(_stream!);
        _stream = secure;
        var options = new SslClientAuthenticationOptions { TargetHost = _server.Host };
        if (_server.Authorities is { Count: > 0 } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        try
        {
            await secure.AuthenticateAsClientAsync(options, cancel);
        }
        catch (AuthenticationException)
        {
            throw new SmtpRefusedException("the mail server's certificate is not trusted");
        }
    }

    private async Task ExpectAsync(int code, CancellationToken cancel)
    {
        var reply = await ReadAsync(cancel);
        if (reply.Code != code)
            throw Unexpected(reply);
    }

    private async Task AskAsync(string command, int code, CancellationToken cancel)
    {
        var reply = await SayAsync(command, cancel);
        if (reply.Code != code)
            throw Unexpected(reply);
    }

    private async Task<SmtpReply> SayAsync(string command, CancellationToken cancel)
    {
        if (command.AsSpan().ContainsAny('\r', '\n'))
            throw new SmtpRefusedException("a recipient's address cannot be used", isFinal: true);
        await _stream!.WriteAsync(Encoding.UTF8.GetBytes($"{command}\r\n"), cancel);
        return await ReadAsync(cancel);
    }

    private async Task<SmtpReply> ReadAsync(CancellationToken cancel)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await ReadLineAsync(cancel);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                throw new SmtpRefusedException("what answers there is no mail server");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] != '-')
                return new SmtpReply(code, lines);
        }
        throw new SmtpRefusedException("the mail server says too much");
    }

    private async Task<string> ReadLineAsync(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (true)
        {
            while (_start < _end)
            {
                var next = (char)_buffer[_start++];
                if (next == '\n')
                    return line.ToString().TrimEnd('\r');
                if (line.Append(next).Length > LongestLine)
                    throw new SmtpRefusedException("the mail server says too much");
            }
            (_start, _end) = (0, await _stream!.ReadAsync(_buffer, cancel));
            if (_end == 0)
                throw new SmtpRefusedException("the mail server ended the connection");
        }
    }

    /// <summary>The code only: what the server says may repeat what it was told.</summary>
    private static SmtpRefusedException Unexpected(SmtpReply reply) => new(string.Create(CultureInfo.InvariantCulture, $"the mail server answered {reply.Code}"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
