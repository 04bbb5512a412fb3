using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Togglr.Hosting.Telemetry;

/// <summary>
/// Collects every <c>Togglr.*</c> meter of the process and writes the values in the Prometheus text format 0.0.4.
/// Names follow the Prometheus conventions: <c>togglr.edge.evaluations</c> becomes <c>togglr_edge_evaluations_total</c>, a histogram of
/// unit <c>s</c> ends in <c>_seconds</c>. Recording a measurement allocates nothing once its label combination has been seen.
/// </summary>
public sealed class PrometheusExporter : IDisposable
{
    /// <summary>The content type of the answer.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Label combinations kept per instrument; later ones are folded into one series with <c>overflow="true"</c>, so that hostile input cannot grow memory.</summary>
    private const int MaximumSeries = 2000;

    // By name: instruments of the same name are one metric, whichever meter has them.
    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener;
    private readonly Lock _collecting = new();

    /// <summary>Starts listening.</summary>
    public PrometheusExporter()
    {
        _listener = new MeterListener { InstrumentPublished = OnPublished };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Family)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Reads the observable instruments and writes every series.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var text = new StringBuilder();
        lock (_collecting)
        {
            Collect();
            foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
                family.Write(text);
        }
        Encoding.UTF8.GetBytes(text.ToString(), output);
    }

    /// <summary>Reads the observable instruments and tells every series, by the name of the metric.</summary>
    public IReadOnlyDictionary<string, MetricReading> Read()
    {
        lock (_collecting)
        {
            Collect();
            return _families.Values.ToDictionary(static family => family.Name, static family => family.Read(), StringComparer.Ordinal);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    /// <summary>Observed instruments report totals, so every collection begins at zero, and one is made at a time.</summary>
    private void Collect()
    {
        foreach (var family in _families.Values)
            family.BeginCollection();
        _listener.RecordObservableInstruments();
    }

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name.StartsWith("Togglr", StringComparison.Ordinal))
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(Family.NameOf(instrument), static (_, source) => new Family(source), instrument));
    }

    private sealed class Family
    {
        private static readonly double[] DefaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
        private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _series = new(TagComparer.Instance);
        private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _lookup;
        private readonly string _help;
        private readonly string _type;
        private readonly bool _isObservable;
        private readonly bool _isGauge;
        private readonly double[]? _bounds;

        public Family(Instrument instrument)
        {
            _lookup = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
            _help = instrument.Description ?? instrument.Name;
            _isObservable = instrument.IsObservable;
            _isGauge = instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);
            _type = TypeOf(instrument);
            if (_type == "histogram")
                _bounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } ? [.. advised] : DefaultBounds;
            Name = NameOf(instrument);
        }

        public string Name { get; }

        public void BeginCollection()
        {
            if (_isObservable)
                _series.Clear();
        }

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (!_lookup.TryGetValue(tags, out var series))
            {
                var key = _series.Count < MaximumSeries ? tags.ToArray() : [new("overflow", "true")];
                series = _series.GetOrAdd(key, static (key, bounds) => new Series(key, bounds), _bounds);
            }

            if (_isGauge)
                series.Set(value);
            else
                series.Add(value);
        }

        public MetricReading Read() => new(_bounds, [.. _series.Values.Select(static series => series.Read())]);

        public void Write(StringBuilder text)
        {
            if (_series.IsEmpty)
                return;
            text.Append("# HELP ").Append(Name).Append(' ').Append(_help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
            foreach (var series in _series.Values)
                series.Write(text, Name);
        }

        private static string TypeOf(Instrument instrument)
        {
            var definition = instrument.GetType().Name;
            return definition.Contains("Histogram", StringComparison.Ordinal) ? "histogram"
                : definition.Contains("UpDown", StringComparison.Ordinal) || definition.Contains("Gauge", StringComparison.Ordinal) ? "gauge" : "counter";
        }

        public static string NameOf(Instrument instrument)
        {
            var name = new StringBuilder(instrument.Name.Length + 16);
            foreach (var character in instrument.Name)
                name.Append(char.IsAsciiLetterOrDigit(character) ? character : '_');
            var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => string.Empty };
            if (!name.ToString().EndsWith(unit, StringComparison.Ordinal))
                name.Append(unit);
            if (TypeOf(instrument) == "counter" && !name.ToString().EndsWith("_total", StringComparison.Ordinal))
                name.Append("_total");
            return name.ToString();
        }
    }

    private sealed class Series
    {
        private readonly string _labels;
        private readonly double[]? _bounds;
        private readonly long[]? _buckets;
        private double _sum;

        public Series(KeyValuePair<string, object?>[] tags, double[]? bounds)
        {
            _labels = string.Join(',', tags.Select(static tag => $"{LabelName(tag.Key)}=\"{Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? string.Empty)}\""));
            _bounds = bounds;
            _buckets = bounds is null ? null : new long[bounds.Length + 1];
        }

        public void Set(double value) => Volatile.Write(ref _sum, value);

        public void Add(double value)
        {
            if (_bounds is not null)
            {
                var bucket = 0;
                while (bucket < _bounds.Length && value > _bounds[bucket])
                    bucket++;
                Interlocked.Increment(ref _buckets![bucket]);
            }

            var seen = Volatile.Read(ref _sum);
            while (true)
            {
                var found = Interlocked.CompareExchange(ref _sum, seen + value, seen);
                if (found.Equals(seen))
                    return;
                seen = found;
            }
        }

        public MetricSeries Read() => new(_labels, Volatile.Read(ref _sum), _buckets is null ? null : [.. _buckets]);

        public void Write(StringBuilder text, string name)
        {
            if (_bounds is null)
            {
                Line(text, name, string.Empty, _labels, Volatile.Read(ref _sum));
                return;
            }

            long count = 0;
            for (var i = 0; i <= _bounds.Length; i++)
            {
                count += Volatile.Read(ref _buckets![i]);
                var bound = i < _bounds.Length ? Number(_bounds[i]) : "+Inf";
                Line(text, name, "_bucket", _labels.Length == 0 ? $"le=\"{bound}\"" : $"{_labels},le=\"{bound}\"", count);
            }

            Line(text, name, "_sum", _labels, Volatile.Read(ref _sum));
            Line(text, name, "_count", _labels, count);
        }

        private static void Line(StringBuilder text, string name, string suffix, string labels, double value)
        {
            text.Append(name).Append(suffix);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(Number(value)).Append('\n');
        }

        private static string Number(double value) => value switch
        {
            double.PositiveInfinity => "+Inf",
            double.NegativeInfinity => "-Inf",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };

        private static string LabelName(string key) => string.Create(key.Length, key, static (span, key) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(key[i]) ? key[i] : '_';
        });

        private static string Escape(string value) =>
            value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }

    private sealed class TagComparer : IEqualityComparer<KeyValuePair<string, object?>[]>,
        IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => x is not null && y is not null && Equals(x.AsSpan(), y);

        public int GetHashCode(KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
        {
            if (alternate.Length != other.Length)
                return false;
            for (var i = 0; i < alternate.Length; i++)
            {
                if (!string.Equals(alternate[i].Key, other[i].Key, StringComparison.Ordinal) || !Equals(alternate[i].Value, other[i].Value))
                    return false;
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = default(HashCode);
            foreach (var tag in alternate)
            {
                hash.Add(tag.Key, StringComparer.Ordinal);
                hash.Add(tag.Value);
            }

            return hash.ToHashCode();
        }

        public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();
    }
}
