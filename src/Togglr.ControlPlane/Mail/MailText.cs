using System.Net;
using System.Text;

namespace Togglr.ControlPlane.Mail;

/// <summary>What a mail says, before it is a text or a page.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Paragraphs">Plain texts.</param>
internal sealed record MailText(string Subject, IReadOnlyList<string> Paragraphs)
{
    private const int LongestName = 80;

    /// <summary>What to press, and its address.</summary>
    public (string Label, Uri Address)? Link { get; init; }

    /// <summary>For programs without HTML.</summary>
    public string ToPlain()
    {
        var text = new StringBuilder();
        foreach (var paragraph in Paragraphs)
            text.Append(paragraph).Append("\n\n");
        if (Link is var (label, address))
            text.Append(label).Append(":\n").Append(address.AbsoluteUri).Append('\n');
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>A page without anything that would have to be fetched. Every text is escaped.</summary>
    public string ToHtml()
    {
        var page = new StringBuilder("<!doctype html><html><body style=\"font-family:sans-serif;font-size:15px;line-height:1.5;color:#1a1a1a;max-width:36em\">");
        foreach (var paragraph in Paragraphs)
            page.Append("<p>").Append(WebUtility.HtmlEncode(paragraph)).Append("</p>");
        if (Link is var (label, address))
        {
            var link = WebUtility.HtmlEncode(address.AbsoluteUri);
            page.Append("<p><a href=\"").Append(link).Append("\" style=\"display:inline-block;padding:10px 18px;background:#1c5fd4;color:#ffffff;text-decoration:none;border-radius:6px\">")
                .Append(WebUtility.HtmlEncode(label)).Append("</a></p><p style=\"font-size:13px;color:#555555\">").Append(link).Append("</p>");
        }
        return page.Append("</body></html>").ToString();
    }

    /// <summary>A name that people chose, as one short line: whatever it holds, it begins no new header and no new paragraph, and makes no long text of a stranger's.</summary>
    public static string Name(string name)
    {
        var line = string.Concat(name.Select(static letter => char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter)).Trim();
        if (line.Length <= LongestName)
            return line;
        return line[..(char.IsHighSurrogate(line[LongestName - 2]) ? LongestName - 2 : LongestName - 1)] + "…";
    }
}
