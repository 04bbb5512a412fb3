using System.Globalization;

namespace Togglr.Sdk.Tests.Support;

/// <summary>Snapshot and patch documents, as small as a test needs them.</summary>
internal static class Documents
{
    public static string Snapshot(long revision, params string[] flags) => SaltedSnapshot("salt", revision, flags);

    public static string SaltedSnapshot(string salt, long revision, params string[] flags) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"schemaVersion":1,"project":"shop","environment":"prod","revision":{{{revision}}},"salt":"{{{salt}}}","flags":{ {{{string.Join(',', flags)}}} },"segments":{},"experiments":{}}""");

    public static string Patch(long from, long revision, params string[] flags) => string.Create(
        CultureInfo.InvariantCulture, $$$"""{"from":{{{from}}},"revision":{{{revision}}},"flags":{ {{{string.Join(',', flags)}}} } }""");

    /// <summary>A boolean flag that serves the same to everybody.</summary>
    public static string Flag(string key, bool on, bool enabled = true) =>
        $$$"""
        "{{{key}}}":{"key":"{{{key}}}","type":"boolean","version":1,"enabled":{{{(enabled ? "true" : "false")}}},"variants":{"on":true,"off":false},"offVariant":"off","default":{"variant":"{{{(on ? "on" : "off")}}}"},"clientVisible":true}
        """.Trim();

    /// <summary>A flag of any type with one variant <c>only</c>.</summary>
    public static string Flag(string key, string type, string json) =>
        $$$"""
        "{{{key}}}":{"key":"{{{key}}}","type":"{{{type}}}","version":1,"enabled":true,"variants":{"only":{{{json}}}},"default":{"variant":"only"}}
        """.Trim();

    /// <summary>A removal, for a patch.</summary>
    public static string Gone(string key) => $"\"{key}\":null";
}
