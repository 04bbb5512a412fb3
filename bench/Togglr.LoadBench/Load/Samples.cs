namespace Togglr.LoadBench.Load;

/// <summary>Measured values of one run. Kept one by one: a run has at most some ten thousand, so percentiles are exact.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];
    private bool _isSorted = true;

    public Samples()
    {
    }

    public Samples(IEnumerable<double> values)
    {
        _values.AddRange(values);
        _isSorted = false;
    }

    public int Count => _values.Count;

    public double Median => Percentile(50);

    public double Maximum => Percentile(100);

    public void Add(double value)
    {
        _values.Add(value);
        _isSorted = false;
    }

    /// <summary>The smallest value that at least <paramref name="percent"/> per cent of the values do not exceed.</summary>
    public double Percentile(double percent)
    {
        if (_values.Count == 0)
            throw new InvalidOperationException("Nothing was measured.");
        if (!_isSorted)
        {
            _values.Sort();
            _isSorted = true;
        }

        var rank = (int)Math.Ceiling(percent / 100 * _values.Count);
        return _values[Math.Clamp(rank - 1, 0, _values.Count - 1)];
    }
}
