using System.Buffers.Text;
using Togglr.Evaluation.Conditions;

namespace Togglr.Evaluation.Contexts;

/// <summary>
/// Who a bucket is computed for: a text as it is, an integral number of magnitude up to 2^53 − 1 in decimal digits, a boolean as <c>true</c> or <c>false</c>. Anything else, and an empty text, is no unit.
/// </summary>
internal static class Unit
{
    public const int MaxNumberLength = 20;
    private const double MaxInteger = 9_007_199_254_740_991;

    /// <summary>The bytes of the unit; empty where there is none. <paramref name="digits"/> is room for a number.</summary>
    public static ReadOnlySpan<byte> Read(in Inquiry inquiry, AttributeReference? bucketBy, Span<byte> digits)
    {
        var data = inquiry.Context;
        if (bucketBy is null)
            return data.TextOf(data.TargetingKey);
        var value = inquiry.Find(bucketBy);
        return value.Kind switch
        {
            ContextKind.Text => data.TextOf(value),
            ContextKind.True => "true"u8,
            ContextKind.False => "false"u8,
            ContextKind.Number => digits[..Format(value.Number, digits)],
            _ => [],
        };
    }

    /// <summary>Writes an integral number; 0 where the number is none.</summary>
    public static int Format(double number, Span<byte> digits) =>
        Math.Abs(number) <= MaxInteger && Math.Floor(number) == number && Utf8Formatter.TryFormat((long)number, digits, out var written) ? written : 0;
}
