using System.Globalization;
using System.Text.Json;

namespace Togglr.Simulation;

/// <summary>One event, ready to be sent.</summary>
/// <param name="Json">As the server takes it.</param>
/// <param name="IsLate">Whether it is sent after everything else.</param>
/// <param name="IsRepeated">Whether it is sent twice.</param>
internal readonly record struct SimulatedEvent(ReadOnlyMemory<byte> Json, bool IsLate, bool IsRepeated);

/// <summary>Writes what people do as the server takes it.</summary>
internal sealed class EventWriter(SimulationOptions options, SimulationReport report, Action<SimulatedEvent> send)
{
    /// <summary>Writes an event and passes it on.</summary>
    /// <param name="person">Who.</param>
    /// <param name="at">When.</param>
    /// <param name="type">Its type.</param>
    /// <param name="members">Writes what the type has besides.</param>
    public void Write(Person person, DateTimeOffset at, string type, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            // The same simulation again is the same events: whoever repeats it within a day changes nothing.
            json.WriteString("id"u8, string.Create(CultureInfo.InvariantCulture, $"{person.Unit}-{type}-{person.Random.Bits():x16}"));
            json.WriteString("at"u8, Text(at));
            json.WriteString("unit"u8, person.Unit);
            members(json);
            json.WriteStartObject(type == "metric" ? "properties"u8 : "attributes"u8);
            json.WriteString("country"u8, person.Country);
            json.WriteString("device"u8, person.Device);
            json.WriteString("plan"u8, person.Plan);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        report.Events++;
        send(new SimulatedEvent(buffer.ToArray(), person.Random.Uniform() < options.Late, person.Random.Uniform() < options.Duplicates));
    }

    /// <summary>A time as the server takes it.</summary>
    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>A planted effect that moves on: that of the variant at first, as far as there is drift that of the variant before it at the end.</summary>
    /// <param name="variants">All variants in their order.</param>
    /// <param name="variant">Which.</param>
    /// <param name="progress">How much of the simulation is over, 0 to 1.</param>
    /// <param name="planted">The effect of a variant at first.</param>
    public double EffectOf(IReadOnlyList<string> variants, string variant, double progress, Func<string, double> planted)
    {
        var own = planted(variant);
        var index = options.Drift == 0 ? -1 : variants.TakeWhile(other => other != variant).Count();
        if (index < 0 || index == variants.Count)
            return own;
        var moved = options.Drift * progress;
        return (1 - moved) * own + moved * planted(variants[(index + variants.Count - 1) % variants.Count]);
    }
}
