using System.Globalization;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>Where a ramp is.</summary>
public enum RampState
{
    /// <summary>It goes on by itself.</summary>
    Running,

    /// <summary>Somebody has to let it through.</summary>
    Waiting,

    /// <summary>It stands still until somebody goes on.</summary>
    Paused,

    /// <summary>It went to its end.</summary>
    Completed,

    /// <summary>What was served before is served again.</summary>
    RolledBack,

    /// <summary>It was given up where it stood.</summary>
    Cancelled,
}

/// <summary>A step of a ramp.</summary>
/// <param name="Share">How many of 10,000 get the new variant.</param>
/// <param name="HoldMinutes">For how long before the next step.</param>
/// <param name="Gate">Whether somebody has to approve before the next step.</param>
public sealed record RampStep(int Share, int HoldMinutes, bool Gate);

/// <summary>When a ramp stops by itself.</summary>
/// <param name="MaxErrorRate">The greatest error rate of the new variant that is no fault; null for none.</param>
/// <param name="MaxIncrease">By how much of the rest's error rate the new variant's may be greater, 0.5 for half as much again; null: it is not compared.</param>
/// <param name="MinEvaluations">So often the new variant must have been served before anything is concluded.</param>
/// <param name="RollsBack">Whether it rolls back; else it pauses.</param>
/// <param name="Metrics">Whether guardrail metrics of experiments on the flag are watched as well.</param>
public sealed record RampGuard(double? MaxErrorRate, double? MaxIncrease, long MinEvaluations, bool RollsBack, bool Metrics = false);

/// <summary>A progressive rollout: one place of a flag's configuration goes over from one variant to another in steps.</summary>
public sealed class Ramp : Entity, IProjectOwned, IGuardedState
{
    /// <summary>Everybody.</summary>
    public const int Whole = 10_000;

    /// <summary>Most steps.</summary>
    public const int MaximumSteps = 50;

    /// <summary>Longest hold: 90 days.</summary>
    public const int MaximumHoldMinutes = 90 * 1440;

    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    private Ramp()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The flag.</summary>
    public Guid FlagId { get; private set; }

    /// <summary>The environment.</summary>
    public Guid EnvironmentId { get; private set; }

    /// <summary>The flag's key.</summary>
    public string FlagKey { get; private set; } = "";

    /// <summary>The environment's key.</summary>
    public string EnvironmentKey { get; private set; } = "";

    /// <summary>The rule whose serve is ramped; null for the default.</summary>
    public string? RuleId { get; private set; }

    /// <summary>What was served before.</summary>
    public string FromVariant { get; private set; } = "";

    /// <summary>What is to be served.</summary>
    public string ToVariant { get; private set; } = "";

    /// <summary>The steps, as stored: see <see cref="StepList"/>.</summary>
    public JsonElement Steps { get; private set; }

    /// <summary>The guard, as stored: see <see cref="Watch"/>.</summary>
    public JsonElement? Guard { get; private set; }

    /// <summary>Where it is.</summary>
    public RampState State { get; private set; }

    /// <summary>The step, from 0.</summary>
    public int Step { get; private set; }

    /// <summary>When the step began.</summary>
    public DateTimeOffset StepAt { get; private set; }

    /// <summary>When the step is over; null while nothing goes on by itself.</summary>
    public DateTimeOffset? HoldUntil { get; private set; }

    /// <summary>Seconds of the step that were left when it was paused.</summary>
    public int? RemainingSeconds { get; private set; }

    /// <summary>Whether it stands only because a window of a schedule has the flag off; then it goes on with the flag.</summary>
    public bool PausedByWindow { get; private set; }

    /// <summary>What the place served before.</summary>
    public JsonElement Original { get; private set; }

    /// <summary>What the ramp wrote there last: when something else stands there, somebody changed it.</summary>
    public JsonElement Written { get; private set; }

    /// <summary>Why it stands, or why it ended.</summary>
    public string? Detail { get; private set; }

    /// <summary>The user who started it.</summary>
    public Guid? StartedBy { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>The steps.</summary>
    public IReadOnlyList<RampStep> StepList => Steps.Deserialize<List<RampStep>>(Json)!;

    /// <summary>The guard; null for none.</summary>
    public RampGuard? Watch => Guard?.Deserialize<RampGuard>(Json);

    /// <summary>Whether it can still do something.</summary>
    public bool IsActive => State is RampState.Running or RampState.Waiting or RampState.Paused;

    internal override string AuditPath => $"ramps/{Id}";

    /// <summary>A new one at its first step; the state is changed to serve that.</summary>
    public static Result<Ramp> Start(
        Flag flag, FlagEnvironment state, string? rule, string? from, string to, IReadOnlyList<RampStep> steps, RampGuard? guard, Guid? by, DateTimeOffset now)
    {
        if (flag.ArchivedAt is not null)
            return Flag.ArchivedError;
        if (Serve(state.Configuration, rule) is not { } original)
            return Result.Invalid("rule", $"There is no rule {rule}.");
        if (Fault(flag, original, ref from, to, steps, guard) is { } fault)
            return fault;
        var ramp = new Ramp
        {
            Id = Guid.CreateVersion7(), OrganizationId = flag.OrganizationId, ProjectId = flag.ProjectId, FlagId = flag.Id, EnvironmentId = state.EnvironmentId, FlagKey = flag.Key,
            EnvironmentKey = state.EnvironmentKey, RuleId = rule, FromVariant = from!, ToVariant = to, Steps = JsonSerializer.SerializeToElement(steps, Json),
            Guard = guard is null ? null : JsonSerializer.SerializeToElement(guard, Json), Original = original, Written = original, StartedBy = by,
        };
        var begun = ramp.Enter(0, state, now);
        return begun.IsOk ? ramp : begun.Error;
    }

    /// <summary>Goes to the next step, or to the end; what is served changes with it.</summary>
    public Result Advance(FlagEnvironment state, DateTimeOffset now)
    {
        if (!IsActive)
            return Over;
        if (Step + 1 < StepList.Count)
            return Enter(Step + 1, state, now);
        var done = StepList[Step].Share == Whole ? Write(state, JsonSerializer.SerializeToElement(new { variant = ToVariant }, Json)) : Result.Ok;
        if (done.IsOk)
            End(RampState.Completed, null, now);
        return done;
    }

    /// <summary>The time of the step is over: goes on, or waits at the gate.</summary>
    public Result HoldIsOver(FlagEnvironment state, DateTimeOffset now)
    {
        if (!StepList[Step].Gate)
            return Advance(state, now);
        (State, HoldUntil) = (RampState.Waiting, null);
        return Result.Ok;
    }

    /// <summary>Stands still.</summary>
    public Result Pause(string? why, DateTimeOffset now) => Pause(why, byWindow: false, now);

    /// <summary>Stands still until the window of a schedule that has the flag off is over.</summary>
    public Result PauseForWindow(string why, DateTimeOffset now) => Pause(why, byWindow: true, now);

    private Result Pause(string? why, bool byWindow, DateTimeOffset now)
    {
        // What would go on by itself can be kept from it.
        if (State is not (RampState.Running or RampState.Waiting) && !(PausedByWindow && !byWindow))
            return Over;
        if (State != RampState.Paused)
            RemainingSeconds = HoldUntil is { } until ? (int)Math.Clamp((until - now).TotalSeconds, 0, int.MaxValue) : null;
        (State, HoldUntil, Detail, PausedByWindow) = (RampState.Paused, null, Cut(why), byWindow);
        return Result.Ok;
    }

    /// <summary>Goes on where it was paused. What somebody changed meanwhile is what a roll back goes back to no more.</summary>
    public Result Resume(FlagEnvironment state, DateTimeOffset now)
    {
        if (State != RampState.Paused)
            return Over;
        var rewritten = Write(state, ServeAt(StepList[Step].Share));
        if (!rewritten.IsOk)
            return rewritten;
        HoldUntil = RemainingSeconds is { } left ? TogglrDbContext.Truncate(now.AddSeconds(left)) : null;
        (State, RemainingSeconds, Detail, PausedByWindow) = (HoldUntil is null ? RampState.Waiting : RampState.Running, null, null, false);
        return Result.Ok;
    }

    /// <summary>Does not wait for the rest of the step. A gate is not passed by that.</summary>
    public Result Skip(FlagEnvironment state, DateTimeOffset now) => State == RampState.Running ? HoldIsOver(state, now) : Over;

    /// <summary>Lets it through the gate.</summary>
    public Result Pass(FlagEnvironment state, DateTimeOffset now) => State == RampState.Waiting ? Advance(state, now) : new StoreError(ErrorCodes.Conflict, "It does not wait for an approval.");

    /// <summary>Serves what was served before the ramp.</summary>
    public Result RollBack(FlagEnvironment state, string? why, DateTimeOffset now)
    {
        if (!IsActive)
            return Over;
        var written = Write(state, Original);
        if (written.IsOk)
            End(RampState.RolledBack, why, now);
        return written;
    }

    /// <summary>Gives it up; what is served stays.</summary>
    public Result Cancel(string? why, DateTimeOffset now)
    {
        if (!IsActive)
            return Over;
        End(RampState.Cancelled, why, now);
        return Result.Ok;
    }

    /// <summary>Whether what the ramp wrote is what is served.</summary>
    public bool IsUntouched(FlagEnvironment state) => Serve(state.Configuration, RuleId) is { } now && JsonElement.DeepEquals(now, Written);

    /// <summary>What serves a place; null where there is none.</summary>
    public static JsonElement? Serve(FlagConfiguration configuration, string? rule)
    {
        if (rule is null)
            return configuration.Default;
        foreach (var item in configuration.Rules.EnumerateArray())
        {
            if (item.TryGetProperty("id", out var id) && id.GetString() == rule)
                return item.GetProperty("then");
        }

        return null;
    }

    private static StoreError Over => new(ErrorCodes.Conflict, "The ramp is not in a state for this.");

    private static string? Cut(string? text) => text is { Length: > 1000 } ? text[..1000] : text;

    private static StoreError? Fault(Flag flag, JsonElement original, ref string? from, string to, IReadOnlyList<RampStep> steps, RampGuard? guard)
    {
        var served = Served(original);
        if (served is null)
            return new StoreError(ErrorCodes.Conflict, "Only a variant or a rollout can be ramped.");
        from ??= served.FirstOrDefault(variant => variant != to);
        var (source, target) = (from, to);
        if (flag.Variants.All(variant => variant.Key != target))
            return Result.Invalid("to", $"The flag has no variant {to}.");
        if (source is null || source == target || flag.Variants.All(variant => variant.Key != source))
            return Result.Invalid("from", "Say which other variant of the flag it goes over from.");
        if (served.Any(variant => variant != source && variant != target))
            return new StoreError(ErrorCodes.Conflict, "This rollout serves further variants. A ramp goes over from one variant to another.");
        if (steps.Count is 0 or > MaximumSteps)
            return Result.Invalid("steps", $"A ramp has 1 to {MaximumSteps} steps.");
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Share is < 1 or > Whole || (i > 0 && steps[i].Share <= steps[i - 1].Share))
                return Result.Invalid($"steps/{i.ToString(CultureInfo.InvariantCulture)}/percentage", "Shares grow from 0.01 to 100 %.");
            if (steps[i].HoldMinutes is < 0 or > MaximumHoldMinutes)
                return Result.Invalid($"steps/{i.ToString(CultureInfo.InvariantCulture)}/holdMinutes", $"A step lasts 0 to {MaximumHoldMinutes} minutes.");
        }

        if (guard is null)
            return null;
        if (guard is { MaxErrorRate: null, MaxIncrease: null, Metrics: false })
            return Result.Invalid("guard", "Say what is watched: maxErrorRate, maxIncrease, metrics or several of them.");
        if (guard.MaxErrorRate is not (null or (>= 0.0001 and <= 0.99)))
            return Result.Invalid("guard/maxErrorRate", "An error rate is between 0.0001 and 0.99.");
        if (guard.MaxIncrease is not (null or (>= 0 and <= 100)))
            return Result.Invalid("guard/maxIncrease", "An increase is between 0 and 100.");
        return guard.MinEvaluations is < 1 or > 1_000_000_000 ? Result.Invalid("guard/minEvaluations", "At least one evaluation is needed.") : null;
    }

    /// <summary>The variants that a serve gives to somebody; null for one that is no variant and no rollout.</summary>
    private static List<string>? Served(JsonElement serve)
    {
        if (serve.TryGetProperty("variant", out var variant))
            return [variant.GetString()!];
        return serve.TryGetProperty("rollout", out var rollout)
            ? [.. rollout.GetProperty("variations").EnumerateArray().Where(item => item.GetProperty("weight").GetDouble() > 0).Select(item => item.GetProperty("key").GetString()!)]
            : null;
    }

    private Result Enter(int step, FlagEnvironment state, DateTimeOffset now)
    {
        var steps = StepList;
        var written = Write(state, ServeAt(steps[step].Share));
        if (!written.IsOk)
            return written;
        var begin = TogglrDbContext.Truncate(now);
        (Step, StepAt, HoldUntil, State, Detail, RemainingSeconds, PausedByWindow) = (step, begin, begin.AddMinutes(steps[step].HoldMinutes), RampState.Running, null, null, false);
        return Result.Ok;
    }

    private void End(RampState state, string? why, DateTimeOffset now) =>
        (State, EndedAt, HoldUntil, RemainingSeconds, Detail, PausedByWindow) = (state, TogglrDbContext.Truncate(now), null, null, Cut(why), false);

    private Result Write(FlagEnvironment state, JsonElement serve)
    {
        var configuration = state.Configuration;
        if (RuleId is null)
            configuration = configuration with { Default = serve };
        else if (ConfigurationPatch.WithRule(configuration, RuleId, serve) is { } changed)
            configuration = changed;
        else
            return new StoreError(ErrorCodes.Conflict, $"The rule {RuleId} is gone.");
        var configured = state.Configure(configuration);
        if (configured.IsOk)
            Written = serve;
        return configured;
    }

    /// <summary>The rollout at a share. Whoever has the new variant keeps it as the share grows, and what a rollout said about buckets before stays said.</summary>
    private JsonElement ServeAt(int share)
    {
        var before = Original.TryGetProperty("rollout", out var rollout) ? rollout : default;
        var isFirst = before.ValueKind == JsonValueKind.Object
            && before.GetProperty("variations").EnumerateArray().Select(item => item.GetProperty("key").GetString()).FirstOrDefault(key => key == FromVariant || key == ToVariant) == ToVariant;
        var from = new { key = FromVariant, weight = Whole - share };
        var to = new { key = ToVariant, weight = share };
        var parts = new Dictionary<string, object>(StringComparer.Ordinal) { ["variations"] = isFirst ? new[] { to, from } : [from, to] };
        foreach (var name in (ReadOnlySpan<string>)["bucketBy", "seed"])
        {
            if (before.ValueKind == JsonValueKind.Object && before.TryGetProperty(name, out var kept))
                parts[name] = kept;
        }

        return JsonSerializer.SerializeToElement(new { rollout = parts }, Json);
    }
}
