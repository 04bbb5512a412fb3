using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Contexts;

/// <summary>
/// What the evaluator sees of a context, whoever made it. A context that was read for a snapshot has its attributes in slots already; a context that knows no snapshot
/// looks them up by name.
/// </summary>
internal sealed class ContextData
{
    /// <summary>The UTF-8 bytes of all texts and names.</summary>
    public byte[] Text = [];

    /// <summary>The elements of arrays.</summary>
    public ContextValue[] Elements = [];

    /// <summary>The members of objects; the first <see cref="TopLevel"/> are the context's own.</summary>
    public ContextMember[] Members = [];

    public int TopLevel;

    /// <summary>Values by slot, or null when attributes are looked up by name.</summary>
    public ContextValue[]? Slots;

    /// <summary>How many slots were filled; an attribute that the snapshot learned later is missing.</summary>
    public int SlotCount;

    public ContextValue TargetingKey;

    public ReadOnlySpan<byte> TextOf(scoped in ContextValue value) => Text.AsSpan(value.Start, value.Length);

    public ContextValue Find(AttributeReference attribute)
    {
        if (Slots is not null)
        {
            if ((uint)attribute.Slot >= (uint)SlotCount)
                return default;
            ref readonly var slot = ref Slots[attribute.Slot];
            return slot.Kind == ContextKind.Missing && attribute.IsAlias ? TargetingKey : slot;
        }
        var members = Members;
        for (var i = 0; i < TopLevel; i++)
        {
            if (members[i].Hash == attribute.Hash && Named(members[i], attribute.Utf8))
                return members[i].Value;
        }
        if (attribute.Path is not null)
        {
            var value = Walk(attribute.Path);
            if (value.Kind != ContextKind.Missing)
                return value;
        }
        return attribute.IsAlias ? TargetingKey : default;
    }

    private ContextValue Walk((byte[] Name, uint Hash)[] path)
    {
        var value = new ContextValue { Kind = ContextKind.Object, Length = TopLevel };
        foreach (var (name, hash) in path)
        {
            if (value.Kind != ContextKind.Object)
                return default;
            value = Member(value, name, hash);
        }
        return value;
    }

    private ContextValue Member(in ContextValue container, ReadOnlySpan<byte> name, uint hash)
    {
        for (var i = container.Start; i < container.Start + container.Length; i++)
        {
            if (Members[i].Hash == hash && Named(Members[i], name))
                return Members[i].Value;
        }
        return default;
    }

    private bool Named(in ContextMember member, ReadOnlySpan<byte> name) =>
        member.NameLength == name.Length && Text.AsSpan(member.NameStart, member.NameLength).SequenceEqual(name);
}
