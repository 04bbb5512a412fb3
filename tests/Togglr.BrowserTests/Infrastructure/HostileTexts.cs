namespace Togglr.BrowserTests.Infrastructure;

/// <summary>What people type who want to break a page, and what breaks pages without anybody wanting it.</summary>
internal static class HostileTexts
{
    /// <summary>Each of them fits where a name does: 200 characters at most, nothing that is trimmed away.</summary>
    public static readonly string[] All =
    [
        "<script>window.ran='script'</script>",
        "\"><img src=x onerror=\"window.ran='handler'\">",
        "'><svg/onload=window.ran='svg'><math><mi//xlink:href=\"data:x,<script>window.ran=1</script>\">",
        "javascript:window.ran='address'//https://example.com/",
        "data:text/html,<script>window.ran='data'</script>",
        "<a href=\"javascript:window.ran='link'\" onfocus=window.ran=1 autofocus tabindex=1>x</a>",
        "</textarea></title></style></script><iframe srcdoc=\"<script>parent.ran='frame'</script>\">",
        "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} #{7*7} <%= 7*7 %> %s %n {0}",
        "'; DROP TABLE flags; -- \\ \" %00 %2e%2e/ ../../etc/passwd",
        "&lt;b&gt;&amp;#x3C;script&#62; &nbsp;",
        "\u202Egnp.exe\u202C and \u2066isolated\u2069 العربية שלום",
        "in\u200Bvisi\u200Dble\uFEFF and soft\u00ADhyphen",
        "👩‍👩‍👧‍👦 🏳️‍🌈 Z\u0337\u0321a\u0334\u0353l\u0338\u0316g\u0335\u0318o\u0336 ﷽",
        "__proto__",
        "constructor",
        "null",
        "-1e309",
        new string('W', 190),
    ];

    /// <summary>As much of it as fits into a name.</summary>
    public const string Name = "\"><img src=x onerror=\"window.ran='name'\"></textarea><script>window.ran='s'</script>'{{7*7}}${7*7}<%=1%>; DROP -- &lt;i&gt; \u202Egnp.exe\u202C a\u200Bb 👩‍👩‍👧";

    /// <summary>All of them, for fields of any length.</summary>
    public static readonly string Long = string.Join(" | ", All);
}
