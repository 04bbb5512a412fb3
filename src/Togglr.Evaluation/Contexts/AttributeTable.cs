using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Contexts;

/// <summary>
/// The attributes that a snapshot and its patched successors look at. Slots are only ever added, so that compiled flags can be shared between them.
/// </summary>
internal sealed class AttributeTable
{
    private readonly AttributeReference[] _references;
    private PathNode? _root;

    private AttributeTable(AttributeReference[] references) => _references = references;

    public int Count => _references.Length;

    public IReadOnlyList<AttributeReference> References => _references;

    /// <summary>Whether it is another table or what that became by adding slots: then every slot of the other one means the same here.</summary>
    public bool Extends(AttributeTable other) =>
        other._references.Length <= _references.Length && ReferenceEquals(other._references[^1], _references[other._references.Length - 1]);

    /// <summary>The names as a tree of object members, made when the first context is read for this table.</summary>
    public PathNode Root => _root ??= PathNode.Build(_references);

    /// <summary>Collects the attributes of a snapshot while it is compiled.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<string, AttributeReference> _known = new(StringComparer.Ordinal);
        private readonly List<AttributeReference> _references = [];
        private readonly AttributeTable? _before;

        public Builder(AttributeTable? before = null)
        {
            _before = before;
            foreach (var reference in before?._references ?? [])
            {
                _references.Add(reference);
                _known.Add(reference.Name, reference);
            }
            foreach (var alias in AttributeReference.Aliases)
                Get(alias);
        }

        public AttributeReference Get(string name)
        {
            if (!_known.TryGetValue(name, out var reference))
            {
                reference = new AttributeReference(name, _references.Count);
                _references.Add(reference);
                _known.Add(name, reference);
            }
            return reference;
        }

        public AttributeTable Build() => _before?.Count == _references.Count ? _before : new AttributeTable([.. _references]);
    }
}

/// <summary>A member name that leads to slots: as the whole of a name, as the last part of a dotted one, or on the way to one.</summary>
internal sealed class PathNode
{
    private readonly Dictionary<string, PathNode> _children = new(StringComparer.Ordinal);
    private KeyIndex _names = KeyIndex.Empty;
    private PathNode[] _nodes = [];

    /// <summary>A number for each node, from 0.</summary>
    public int Id { get; private set; }

    /// <summary>How many nodes the tree of this root has.</summary>
    public int Size { get; private set; }

    public int LiteralSlot { get; private set; } = -1;

    public int PathSlot { get; private set; } = -1;

    public bool HasChildren => _nodes.Length > 0;

    public PathNode? Child(ReadOnlySpan<byte> name) => _names.Find(name) is >= 0 and var index ? _nodes[index] : null;

    public static PathNode Build(IEnumerable<AttributeReference> references)
    {
        var root = new PathNode();
        var size = 1;
        foreach (var reference in references)
        {
            root.GetOrAdd(reference.Name, ref size).LiteralSlot = reference.Slot;
            if (reference.Path is null)
                continue;
            var node = root;
            foreach (var part in reference.Name.Split('.'))
                node = node.GetOrAdd(part, ref size);
            node.PathSlot = reference.Slot;
        }
        root.Freeze();
        root.Size = size;
        return root;
    }

    private PathNode GetOrAdd(string name, ref int size)
    {
        if (!_children.TryGetValue(name, out var child))
            _children.Add(name, child = new PathNode { Id = size++ });
        return child;
    }

    // Deeper than a context may ever be is never reached.
    private void Freeze(int depth = 0)
    {
        if (depth > Json.JsonTape.MaxDepth)
            return;
        var names = new KeyIndex.Builder();
        _nodes = new PathNode[_children.Count];
        foreach (var (name, child) in _children)
        {
            _nodes[names.Add(System.Text.Encoding.UTF8.GetBytes(name))] = child;
            child.Freeze(depth + 1);
        }
        _names = names.Build();
    }
}
