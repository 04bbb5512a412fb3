using System.Text;
using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Contexts;

/// <summary>An attribute that a snapshot looks at: its name in every form that a look-up needs, and its slot in contexts read for that snapshot.</summary>
internal sealed class AttributeReference
{
    public const string NowName = "$now";

    /// <summary>The names that stand for the targeting key where there is no attribute of that name.</summary>
    public static readonly IReadOnlyList<string> Aliases = ["targetingKey", "user.id", "user_id", "userId", "key"];

    public AttributeReference(string name, int slot)
    {
        Name = name;
        Slot = slot;
        Utf8 = Encoding.UTF8.GetBytes(name);
        Hash = KeyIndex.Hash(Utf8);
        IsNow = name == NowName;
        IsAlias = Aliases.Contains(name, StringComparer.Ordinal);
        if (name.Contains('.', StringComparison.Ordinal))
            Path = [.. name.Split('.').Select(part => Encoding.UTF8.GetBytes(part)).Select(part => (part, KeyIndex.Hash(part)))];
    }

    public string Name { get; }

    public int Slot { get; }

    public byte[] Utf8 { get; }

    public uint Hash { get; }

    public bool IsNow { get; }

    public bool IsAlias { get; }

    /// <summary>The parts of a dotted name, else null.</summary>
    public (byte[] Name, uint Hash)[]? Path { get; }
}
