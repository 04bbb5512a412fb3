using System.Globalization;
using System.Text;

namespace Togglr.Benchmarks;

/// <summary>A page of Markdown: what was measured, against goals that are scaled by what the machine's two probes say.</summary>
internal sealed class Report(double lookupScale, double hashScale)
{
    private readonly StringBuilder _timed = new();
    private readonly StringBuilder _facts = new();

    public double LookupScale => lookupScale;

    public double HashScale => hashScale;

    public bool Missed { get; private set; }

    public void Goal(string name, Measurement measured, double goal, double scale, Measurement peer)
    {
        var limit = goal * scale;
        var good = measured.Nanoseconds <= limit && measured.Bytes == 0;
        Missed |= !good;
        _timed.AppendLine(CultureInfo.InvariantCulture,
            $"| {name} | {measured.Nanoseconds:0.0} ns | {measured.Bytes:0} B | {goal:0} × {scale:0.00} = {limit:0} ns | {measured.Nanoseconds / limit:0.00} {(good ? "✓" : "✗")} | {peer.Nanoseconds:0} ns, {peer.Bytes:0} B | {peer.Nanoseconds / measured.Nanoseconds:0.0}× |");
    }

    public void Plain(string name, Measurement measured) =>
        _timed.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {measured.Nanoseconds:0.0} ns | {measured.Bytes:0} B | | | | |");

    public void Fact(string name, double value, double? goal, string unit)
    {
        Missed |= value >= goal;
        _facts.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value:0.0} {unit} | {(goal is { } limit ? string.Create(CultureInfo.InvariantCulture, $"< {limit:0} {unit} {(value < limit ? "✓" : "✗")}") : "")} |");
    }

    public string Write(double hash, double lookup, string machine) => string.Create(CultureInfo.InvariantCulture, $"""
        # Evaluation in the process

        {machine}. Processor time, medians of 31 interleaved rounds; written by `make bench`.

        Goals are for a machine where `SHA256.HashData` of 53 bytes takes 700 ns and a `FrozenDictionary` look-up 14 ns. Here they take {hash:0} ns and {lookup:0.0} ns, so goals are scaled by {hashScale:0.00} (rollouts) and
        {lookupScale:0.00} (the rest). The peer is Microsoft.FeatureManagement: a flag that is on, a targeting filter that names the user, a targeting filter of 50 %.

        | what | time | allocated | goal | of the goal | peer | faster |
        |---|---|---|---|---|---|---|
        {_timed.ToString().TrimEnd()}

        | what | measured | goal |
        |---|---|---|
        {_facts.ToString().TrimEnd()}

        """);
}
