using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.Evaluations;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Publishing;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Impact;

/// <summary>The sample of an environment.</summary>
/// <param name="Enabled">Whether one is kept.</param>
/// <param name="Contexts">How many people are in it.</param>
/// <param name="People">About how many people were seen in its time.</param>
/// <param name="From">When the oldest context was seen; null without any.</param>
/// <param name="To">When the newest was.</param>
public sealed record ContextSampleView(bool Enabled, int Contexts, long People, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Whom changes would give something else: replayed over a sample of recent contexts, see <c>docs/impact.md</c>.</summary>
internal static class ImpactEndpoints
{
    private const int MaximumChanges = 100;

    /// <summary>Examples show attributes of people, so seeing flags is not enough.</summary>
    private static readonly string[] Enough = [Permissions.FlagManage, Permissions.FlagToggle, Permissions.SegmentManage, Permissions.ChangeApprove];

    public static IServiceCollection AddImpact(this IServiceCollection services)
    {
        services.TryAddSingleton<SamplingReader>();
        services.AddSingleton<SampleCache>();
        services.AddSingleton<EnvironmentImpact>();
        services.AddSingleton<TryChanges>();
        return services;
    }

    public static void MapImpact(this IEndpointRouteBuilder project)
    {
        project.MapPost("/impact", PreviewAsync).WithName("previewImpact").WithSummary("Whom changes, a change request or a restoration would give something else")
            .WithTags("Impact").RequirePermission(Permissions.FlagView).WithMetadata(new NeverRequested());
        var environment = project.MapGroup("/environments/{env}").WithTags("Impact").WithMetadata(new NeverRequested());
        environment.MapPost("/impact", PreviewDraftAsync).WithName("previewDraftImpact").WithSummary("Whom a configuration of a flag would give something else").RequirePermission(Permissions.FlagView);
        environment.MapGet("/segments/{segment}/size", GetSegmentSize.HandleAsync).WithName("getSegmentSize").WithSummary("About how many people are in a segment").RequirePermission(Permissions.FlagView);
        environment.MapGet("/context-sample", GetSampleAsync).WithName("getContextSample").WithSummary("How many contexts are kept to preview changes with").RequirePermission(Permissions.FlagView);
    }

    private static bool MaySee(Current current, Guid environment) => Enough.Any(permission => current.May(permission, current.Project.Id, environment));

    private static async Task<Results<Ok<EnvironmentImpactView>, Problem>> PreviewDraftAsync(
        PreviewDraftRequest request, Current current, TogglrDbContext db, [FromServices] EnvironmentImpact impact, CancellationToken cancel)
    {
        var environment = current.Environment;
        if (!MaySee(current, environment.Id))
            return Problem.Forbidden("Seeing whom a change would affect takes the right to change or approve something here.");
        if (await FlagStore.FindAsync(db, current, request.Flag, cancel) is not { } flag)
            return Problem.Invalid(new ProblemItem("unknown_flag", "/flag", $"There is no flag {request.Flag}."));
        if (ConfigureFlag.FaultOf(request.Configuration) is { } fault)
            return Problem.Invalid(fault with { Path = $"/configuration{fault.Path}" });
        var state = flag.StateIn(environment);
        var draft = ConfigureFlag.ToConfiguration(request.Configuration);
        if (TargetingCheck.Refusal(await TargetingCheck.RunAsync(db, flag, state, draft, cancel)) is { } refusal)
            return refusal;
        var revision = environment.Revision;
        ReadOnlyMemory<byte>[] patches = request.AssumeOn == true
            ? [DraftDocument.WritePatch(flag, state.Configuration, enabled: true, revision), DraftDocument.WritePatch(flag, draft, enabled: true, revision)]
            : [DraftDocument.WritePatch(flag, draft, request.Configuration.Enabled ?? state.Enabled, revision, state.Killed)];
        return await impact.RunAsync(environment.Id, environment.Key, revision, patches, cancel) is { } view ? TypedResults.Ok(view) : PastRevisions.NotThere(revision);
    }

    private static async Task<Results<Ok<ImpactView>, Problem>> PreviewAsync(
        PreviewImpactRequest request, Current current, TogglrDbContext db, [FromServices] TogglrDatabase database, Callers callers, [FromServices] CommandReplay replay,
        [FromServices] TryChanges changes, [FromServices] EnvironmentImpact impact, CancellationToken cancel)
    {
        if (new[] { request.Changes is not null, request.ChangeRequest is not null, request.Restore is not null }.Count(static it => it) != 1)
            return Problem.Invalid(new ProblemItem("required", "", "Give changes, or a change request, or a restoration."));
        var visible = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToListAsync(cancel);
        visible.RemoveAll(row => !MaySee(current, row.Id));
        if (visible.Count == 0)
            return Problem.Forbidden("Seeing whom a change would affect takes the right to change or approve something.");
        var author = current.Caller;
        List<ChangeCommand> commands = [];
        if (request.Changes is { } asked)
        {
            if (asked.Count is 0 or > MaximumChanges)
                return Problem.Invalid(new ProblemItem("out_of_range", "/changes", $"Give 1 to {MaximumChanges} changes."));
            for (var i = 0; i < asked.Count; i++)
            {
                var (command, fault) = ChangeRequestEndpoints.CommandOf(asked[i], $"/changes/{i}", current, replay);
                if (command is null)
                    return fault!;
                command.Position = i;
                commands.Add(command);
            }
        }
        else if (request.ChangeRequest is { } number)
        {
            if (await ChangeRequestViews.FindAsync(db, current, number, cancel) is not { } row)
                return ChangeRequestViews.NotThere;
            if (!row.IsOpen)
                return Problem.Conflict("The change request is closed: what it changed is in the audit log.", "wrong_state");
            if (await callers.FindPrincipalAsync(row.AuthorKind == "user" ? CallerKind.User : CallerKind.ServiceAccount, row.AuthorId, row.OrganizationId, cancel) is not { } person)
                return Problem.Conflict($"{row.AuthorName} is not a member any more.", "conflicted");
            author = person;
            commands = await db.ChangeCommands.AsNoTracking().Where(command => command.RequestId == row.Id).OrderBy(command => command.Position).ToListAsync(cancel);
        }
        else if (request.Restore is { } restore)
        {
            if (await GetAuditEntry.FindAsync(restore.Entry, current, database, db, cancel) is not { } entry || entry.Project != current.Project.Key)
                return GetAuditEntry.NotThere(restore.Entry);
            commands.Add(CommandOf(restore, current));
        }
        var (patches, failure) = await changes.RunAsync(current.OrganizationId, current.Project.Id, author, commands, cancel);
        if (failure is not null)
            return failure.ToProblem();
        var views = new List<EnvironmentImpactView>();
        foreach (var environment in visible.OrderBy(static row => row.Position))
        {
            if (patches.FirstOrDefault(patch => patch.Environment.Id == environment.Id) is not { } patch)
                continue;
            if (await impact.RunAsync(environment.Id, environment.Key, patch.Environment.Revision, [patch.Utf8Patch], cancel) is { Flags.Count: > 0 } view)
                views.Add(view);
        }
        return TypedResults.Ok(new ImpactView(views));
    }

    private static async Task<Ok<ContextSampleView>> GetSampleAsync(Current current, [FromServices] SamplingReader sampling, [FromServices] SampleCache samples, CancellationToken cancel)
    {
        if (await sampling.ReadAsync(current.Environment.Id, cancel) is not { } terms)
            return TypedResults.Ok(new ContextSampleView(false, 0, 0, null, null));
        var people = await samples.GetAsync(current.Environment.Id, terms, cancel);
        var seen = Enumerable.Range(0, people.Count).Select(index => people[index].SeenAt).DefaultIfEmpty().ToList();
        return TypedResults.Ok(people.Count == 0
            ? new ContextSampleView(true, 0, 0, null, null)
            : new ContextSampleView(true, people.Count, people.Population, seen.Min(), seen.Max()));
    }

    private static ChangeCommand CommandOf(PreviewRestorationBody restore, Current current)
    {
        var organization = current.Caller.Grants.First(grant => grant.Scope.Organization == current.OrganizationId).OrganizationKey;
        return new ChangeCommand
        {
            Operation = "restoreAuditEntry", Method = "POST", Path = $"/api/v1/orgs/{organization}/audit/{restore.Entry}/restore", Query = "", ContentType = "application/json",
            Body = JsonSerializer.SerializeToUtf8Bytes(new RestoreAuditEntryRequest { To = restore.To }, StrictJson.Options),
        };
    }
}
