namespace Togglr.Evaluation.Snapshots;

/// <summary>Visits things after what they depend on, without recursion: chains may be as long as somebody wrote them.</summary>
internal static class DependencyOrder
{
    /// <param name="fresh">What is to be visited.</param>
    /// <param name="dependencies">The keys that something depends on; keys that are not fresh count as visited.</param>
    /// <param name="visit">Called once for each that is not part of a cycle and depends on none.</param>
    /// <param name="cyclic">Called for the others.</param>
    public static void Visit<T>(Dictionary<string, T> fresh, Func<T, IEnumerable<string>> dependencies, Action<T> visit, Action<T> cyclic)
        where T : class
    {
        var waiting = new Dictionary<T, int>(ReferenceEqualityComparer.Instance);
        var dependents = new Dictionary<string, List<T>>(StringComparer.Ordinal);
        var ready = new Queue<(string Key, T Item)>();
        var keys = new Dictionary<T, string>(ReferenceEqualityComparer.Instance);
        foreach (var (key, item) in fresh)
        {
            keys[item] = key;
            var open = 0;
            foreach (var dependency in dependencies(item))
            {
                if (!fresh.ContainsKey(dependency))
                    continue;
                open++;
                if (!dependents.TryGetValue(dependency, out var list))
                    dependents.Add(dependency, list = []);
                list.Add(item);
            }
            if (open == 0)
                ready.Enqueue((key, item));
            else
                waiting.Add(item, open);
        }
        while (ready.TryDequeue(out var next))
        {
            visit(next.Item);
            foreach (var dependent in dependents.GetValueOrDefault(next.Key) ?? [])
            {
                if (--waiting[dependent] == 0)
                {
                    waiting.Remove(dependent);
                    ready.Enqueue((keys[dependent], dependent));
                }
            }
        }
        foreach (var item in waiting.Keys)
            cyclic(item);
    }

    /// <summary>The keys and everything that depends on them, directly or not.</summary>
    public static HashSet<string> Closure<T>(IEnumerable<string> changed, Dictionary<string, T> all, Func<T, IEnumerable<string>> dependencies)
    {
        var closure = new HashSet<string>(changed, StringComparer.Ordinal);
        if (closure.Count == 0)
            return closure;
        var dependents = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (key, item) in all)
        {
            foreach (var dependency in dependencies(item))
            {
                if (!dependents.TryGetValue(dependency, out var list))
                    dependents.Add(dependency, list = []);
                list.Add(key);
            }
        }
        var open = new Queue<string>(closure);
        while (open.TryDequeue(out var key))
        {
            foreach (var dependent in dependents.GetValueOrDefault(key) ?? [])
            {
                if (closure.Add(dependent))
                    open.Enqueue(dependent);
            }
        }
        return closure;
    }
}
