using System.Globalization;
using System.Text;

namespace Togglr.ControlPlane.Mail;

/// <summary>Writes a message as it travels (RFC 5322, MIME): a text and the same as a page, both in base64, so that no line needs any care.</summary>
internal static class MailWriter
{
    /// <summary>Bytes of UTF-8 that an encoded word (RFC 2047) of at most 75 characters holds.</summary>
    private const int WordBytes = 42;

    /// <summary>The message with its headers; ends with a line break.</summary>
    public static byte[] Write(string from, IReadOnlyList<string> recipients, MailContent content, string id, DateTimeOffset now)
    {
        var boundary = $"togglr-{Guid.CreateVersion7():n}";
        var text = new StringBuilder();
        text.Append("From: Togglr <").Append(from).Append(">\r\n");
        text.Append("To: ").AppendJoin(",\r\n ", recipients).Append("\r\n");
        text.Append("Subject: ").Append(Subject(content.Subject)).Append("\r\n");
        text.Append("Date: ").Append(now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)).Append(" +0000\r\n");
        text.Append("Message-ID: <").Append(id).Append(">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
        text.Append("Content-Type: multipart/alternative; boundary=\"").Append(boundary).Append("\"\r\n\r\n");
        Part(text, boundary, "text/plain", content.Plain);
        Part(text, boundary, "text/html", content.Html);
        text.Append("--").Append(boundary).Append("--\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Part(StringBuilder text, string boundary, string type, string content) =>
        text.Append("--").Append(boundary).Append("\r\nContent-Type: ").Append(type).Append("; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
            .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(content), Base64FormattingOptions.InsertLineBreaks)).Append("\r\n");

    /// <summary>As it is where it is short and plain, else as encoded words, of which none ends within a character.</summary>
    private static string Subject(string subject)
    {
        if (subject.Length <= 60 && subject.All(static letter => letter is >= ' ' and < '\u007F') && !subject.Contains("=?", StringComparison.Ordinal))
            return subject;
        var words = new List<string>();
        var word = new List<byte>();
        foreach (var rune in subject.EnumerateRunes())
        {
            var bytes = Encoding.UTF8.GetBytes(rune.ToString());
            if (word.Count + bytes.Length > WordBytes)
            {
                words.Add(Word(word));
                word.Clear();
            }
            word.AddRange(bytes);
        }
        words.Add(Word(word));
        return string.Join("\r\n ", words);
    }

    private static string Word(List<byte> bytes) => $"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=";
}
