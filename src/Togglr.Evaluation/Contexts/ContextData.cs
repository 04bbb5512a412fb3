using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Contexts;

/// <summary>
/// What the evaluator sees of a context, whoever made it. A context that was read for a snapshot has its attributes in slots already; a context that knows no snapshot
/// looks them up by name.
/// </summary>
internal sealed class ContextData
{
    private static readonly ContextValue s_missing;

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

    /// <summary>By reference: a value is not copied on the way to the operator that looks at it.</summary>
    public ref readonly ContextValue Find(AttributeReference attribute)
    {
        if (Slots is not null)
            return ref FindSlot(attribute);
        var members = Members.AsSpan(0, TopLevel);
        for (var i = 0; i < members.Length; i++)
        {
            ref var member = ref members[i];
            if (ReferenceEquals(member.LastAsked, attribute))
                return ref member.Value;
            if (member.Hash != attribute.Hash || !Named(member, attribute.Utf8))
                continue;
            // One reference, so threads that write it at once do no harm.
            member.LastAsked = attribute;
            return ref member.Value;
        }
        if (attribute.Path is not null)
        {
            ref readonly var value = ref Walk(attribute.Path);
            if (value.Kind != ContextKind.Missing)
                return ref value;
        }
        return ref attribute.IsAlias ? ref TargetingKey : ref s_missing;
    }

    private ref readonly ContextValue FindSlot(AttributeReference attribute)
    {
        if ((uint)attribute.Slot >= (uint)SlotCount)
            return ref s_missing;
        ref readonly var slot = ref Slots![attribute.Slot];
        return ref slot.Kind == ContextKind.Missing && attribute.IsAlias ? ref TargetingKey : ref slot;
    }

    private ref readonly ContextValue Walk((byte[] Name, uint Hash)[] path)
    {
        ref readonly var value = ref Member(0, TopLevel, path[0].Name, path[0].Hash);
        for (var i = 1; i < path.Length; i++)
        {
            if (value.Kind != ContextKind.Object)
                return ref s_missing;
            value = ref Member(value.Start, value.Length, path[i].Name, path[i].Hash);
        }
        return ref value;
    }

    private ref readonly ContextValue Member(int start, int count, ReadOnlySpan<byte> name, uint hash)
    {
        foreach (ref readonly var member in Members.AsSpan(start, count))
        {
            if (member.Hash == hash && Named(member, name))
                return ref member.Value;
        }
        return ref s_missing;
    }

    private bool Named(in ContextMember member, ReadOnlySpan<byte> name) =>
        member.NameLength == name.Length && Text.AsSpan(member.NameStart, member.NameLength).SequenceEqual(name);
}
