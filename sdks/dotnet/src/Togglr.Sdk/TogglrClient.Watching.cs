using System.Collections.Concurrent;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk;

public sealed partial class TogglrClient
{
    private readonly ConcurrentDictionary<object, Action<SnapshotChange>> _watches = new();

    /// <summary>
    /// Calls a handler, on another thread and in order, each time that what a flag serves to one context changes because the snapshot does. Conditions on the time of day do not call it by
    /// themselves. The evaluations are not counted.
    /// </summary>
    /// <param name="key">The flag.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="defaultValue">The value while there is none.</param>
    /// <param name="handler">Gets the old and the new value.</param>
    /// <returns>Ends the watch when disposed.</returns>
    public IDisposable Watch(string key, EvaluationContext context, bool defaultValue, Action<FlagValueChange<bool>> handler) =>
        Watch(key, context, FlagType.Boolean, answer => answer.Variant is { } variant ? variant.Boolean : defaultValue, EqualityComparer<bool>.Default.Equals, handler);

    /// <inheritdoc cref="Watch(string, EvaluationContext, bool, Action{FlagValueChange{bool}})" />
    public IDisposable Watch(string key, EvaluationContext context, string defaultValue, Action<FlagValueChange<string>> handler) =>
        Watch(key, context, FlagType.Text, answer => answer.Variant?.Text ?? defaultValue, StringComparer.Ordinal.Equals, handler);

    /// <inheritdoc cref="Watch(string, EvaluationContext, bool, Action{FlagValueChange{bool}})" />
    public IDisposable Watch(string key, EvaluationContext context, double defaultValue, Action<FlagValueChange<double>> handler) =>
        Watch(key, context, FlagType.Number, answer => answer.Variant is { } variant ? variant.Number : defaultValue, EqualityComparer<double>.Default.Equals, handler);

    /// <inheritdoc cref="Watch(string, EvaluationContext, bool, Action{FlagValueChange{bool}})" />
    public IDisposable Watch(string key, EvaluationContext context, JsonElement defaultValue, Action<FlagValueChange<JsonElement>> handler) =>
        Watch(key, context, FlagType.Json, answer => answer.Variant is { } variant ? Parsed(variant) : defaultValue, JsonEqual, handler);

    private static bool JsonEqual(JsonElement one, JsonElement other) =>
        one.ValueKind == JsonValueKind.Undefined || other.ValueKind == JsonValueKind.Undefined ? one.ValueKind == other.ValueKind : JsonElement.DeepEquals(one, other);

    private Subscription Watch<T>(
        string key, EvaluationContext context, FlagType type, Func<Answer, T> read, Func<T, T, bool> equal, Action<FlagValueChange<T>> handler)
    {
        if (key is null || context is null || handler is null || _disposed is not null)
            return new Subscription(() => { });
        var watch = new object();
        var gate = new Lock();
        var told = 0L;
        T shown = default!;
        // Watching begins before the first look, so that no change falls in between; the gate keeps the handler back until then.
        lock (gate)
        {
            _watches[watch] = OnChange;
            (var snapshot, told) = _snapshots.Numbered;
            shown = read(Ask(snapshot, key, context, type));
        }

        return new Subscription(() => _watches.TryRemove(watch, out _));

        void OnChange(SnapshotChange change)
        {
            T old;
            lock (gate)
            {
                if (change.Sequence <= told)
                    return;
                told = change.Sequence;
                old = shown;
                shown = read(Ask(change.Snapshot, key, context, type));
                if (equal(old, shown))
                    return;
            }

            handler(new FlagValueChange<T>(key, old, shown));
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
