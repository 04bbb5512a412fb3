using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Store;

/// <summary>Counts that were taken from the log, summed up by minute, variant and reason.</summary>
internal sealed class CountBatch
{
    /// <summary>Whole numbers that every client can hold; sums stop there.</summary>
    internal const long Most = 9_007_199_254_740_991;

    /// <summary>Stands for names that are no variant of the flag, so that no client can make any number of rows.</summary>
    internal const string UnknownVariant = "*";

    private readonly Dictionary<(Guid Environment, string Flag), FlagCounts> _flags = [];
    private readonly Dictionary<Guid, (DateTimeOffset First, DateTimeOffset Last, string? Sdk)> _environments = [];
    private readonly Dictionary<(Guid Environment, string Flag), UnknownFlag> _unknown = [];
    private readonly Dictionary<(Guid Environment, string Flag, DateTimeOffset Hour), UserSketch> _users = [];

    /// <summary>Whom flags were evaluated for, by the hour.</summary>
    public IReadOnlyDictionary<(Guid Environment, string Flag, DateTimeOffset Hour), UserSketch> Users => _users;

    /// <summary>Flags that were asked for where there are none of the name.</summary>
    public IReadOnlyDictionary<(Guid Environment, string Flag), UnknownFlag> Unknown => _unknown;

    /// <summary>The flags that it is about.</summary>
    public IReadOnlyDictionary<(Guid Environment, string Flag), FlagCounts> Flags => _flags;

    /// <summary>The environments that it is about.</summary>
    public IReadOnlyDictionary<Guid, (DateTimeOffset First, DateTimeOffset Last, string? Sdk)> Environments => _environments;

    /// <summary>Adds one event; what cannot be understood counts nothing.</summary>
    public void Add(Guid environment, string flag, DateTimeOffset at, byte[] payload)
    {
        if (ReadUsers(payload) is { } sketch)
        {
            AddUsers(environment, flag, at, sketch);
            return;
        }
        if (Read(payload) is not { } row)
            return;
        if (row.IsUnknown)
        {
            _unknown[(environment, flag)] = _unknown.TryGetValue((environment, flag), out var asked) ? asked.And(at, row.Count, row.Sdk) : new UnknownFlag(at, at, row.Count, row.Sdk);
            return;
        }
        if (!_flags.TryGetValue((environment, flag), out var counts))
            _flags.Add((environment, flag), counts = new FlagCounts(at));
        counts.Add(at, row.Variant, row.Reason, row.Count);
        var known = _environments.GetValueOrDefault(environment, (First: at, Last: at, null));
        _environments[environment] = (at < known.First ? at : known.First, at > known.Last ? at : known.Last, row.Sdk ?? known.Sdk);
    }

    private void AddUsers(Guid environment, string flag, DateTimeOffset at, UserSketch sketch)
    {
        var key = (environment, flag, at.Floor(TimeSpan.TicksPerHour));
        if (_users.TryGetValue(key, out var known))
            known.Merge(sketch);
        else
            _users.Add(key, sketch);
    }

    private static UserSketch? ReadUsers(byte[] payload)
    {
        if (payload.AsSpan().IndexOf("\"users\""u8) < 0)
            return null;
        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.TryGetProperty("users", out var users) && users.TryGetBytesFromBase64(out var bytes) && UserSketch.FromBytes(bytes) is { IsEmpty: false } sketch ? sketch : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static (string? Variant, string Reason, long Count, string? Sdk, bool IsUnknown)? Read(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var body = document.RootElement;
            if (!body.TryGetProperty("reason", out var reason) || reason.GetString() is not { Length: > 0 and <= 40 } why
                || !body.TryGetProperty("count", out var number) || !number.TryGetInt64(out var count) || count < 1)
                return null;
            return (Text(body, "variant"), why, count, Text(body, "sdk"), body.TryGetProperty("unknown", out var unknown) && unknown.ValueKind == JsonValueKind.True);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // U+0000 is a character to JSON and none to PostgreSQL.
    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= 100 } text && !text.Contains('\0') ? text : null;

    /// <summary>How often a flag was asked for that is not there.</summary>
    internal sealed record UnknownFlag(DateTimeOffset First, DateTimeOffset Last, long Count, string? Sdk)
    {
        public UnknownFlag And(DateTimeOffset at, long count, string? sdk) =>
            new(at < First ? at : First, at > Last ? at : Last, Math.Min(Most, Math.Min(Count, Most) + Math.Min(count, Most)), sdk ?? Sdk);
    }

    /// <summary>What was counted of one flag in one environment.</summary>
    internal sealed class FlagCounts(DateTimeOffset at)
    {
        private bool _isMixed;

        public DateTimeOffset First { get; private set; } = at;

        public DateTimeOffset Last { get; private set; } = at;

        /// <summary>The only variant that was served; null for none or several.</summary>
        public string? Variant { get; private set; }

        /// <summary>When a variant was served last; null for never.</summary>
        public DateTimeOffset? ServedAt { get; private set; }

        public Dictionary<(DateTimeOffset Minute, string? Variant, string Reason), long> Rows { get; } = [];

        public void Add(DateTimeOffset when, string? variant, string reason, long count)
        {
            First = when < First ? when : First;
            Last = when > Last ? when : Last;
            if (variant is not null)
            {
                _isMixed |= ServedAt is not null && Variant != variant;
                Variant = _isMixed ? null : variant;
                ServedAt = ServedAt is { } served && served > when ? served : when;
            }
            var minute = when.Floor(TimeSpan.TicksPerMinute);
            var sum = Rows.GetValueOrDefault((minute, variant, reason));
            Rows[(minute, variant, reason)] = Math.Min(sum, Most) + Math.Min(count, Most - Math.Min(sum, Most));
        }
    }
}
