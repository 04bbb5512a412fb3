using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Change requests of a project, and those of all projects that wait for somebody.</summary>
internal static class ChangeRequestEndpoints
{
    private const int MaximumComment = 10_000;
    private static readonly string[] Methods = ["POST", "PUT", "PATCH", "DELETE"];

    private static readonly SortKey<ChangeRequest>[] Sorts =
    [
        SortKey<ChangeRequest>.Number("number", row => row.Number, row => row.Id),
        SortKey<ChangeRequest>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
    ];

    public static IServiceCollection AddChangeRequests(this IServiceCollection services)
    {
        services.AddSingleton<CommandReplay>();
        services.AddSingleton<Rehearse>();
        services.AddSingleton<ChangeIntake>();
        services.AddSingleton<ApplyChangeRequest>();
        services.AddScoped<ProjectPeople>();
        services.AddHostedService<ChangeRequestWorker>();
        return services;
    }

    public static void MapChangeRequests(this IEndpointRouteBuilder api, IEndpointRouteBuilder project)
    {
        api.MapGet("/change-requests", ListMineAsync).WithName("listMyReviews").WithSummary("The open change requests of all projects that one can approve now, and one's own").WithTags("Change requests").RequireSignIn();
        var requests = project.MapGroup("/change-requests").WithTags("Change requests").WithMetadata(new NeverRequested());
        requests.MapGet("", ListAsync).WithName("listChangeRequests").WithSummary("The change requests of a project").RequirePermission(Permissions.FlagView);
        requests.MapPost("", CreateAsync).WithName("createChangeRequest").WithSummary("Ask for changes; every change needs the permission of its own call").RequirePermission(Permissions.FlagView);
        requests.MapGet("/people", ProjectPeople.ListAsync).WithName("listMentionablePeople").WithSummary("The people whom comments can mention, by name: those who may see the project").RequirePermission(Permissions.FlagView);
        requests.MapGet("/{number:int}", GetAsync).WithName("getChangeRequest").WithSummary("A change request").RequirePermission(Permissions.FlagView);
        requests.MapPatch("/{number:int}", UpdateAsync).WithName("updateChangeRequest").WithSummary("Change what is said about a request, and when it is applied").RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/changes", AddChangeAsync).WithName("addRequestedChange").WithSummary("Add a change; approvals count no more").RequirePermission(Permissions.FlagView);
        requests.MapPut("/{number:int}/changes/{position:int}", PutChangeAsync).WithName("putRequestedChange").WithSummary("Replace a change; approvals count no more").RequirePermission(Permissions.FlagView);
        requests.MapDelete("/{number:int}/changes/{position:int}", DeleteChangeAsync).WithName("deleteRequestedChange").WithSummary("Leave a change out; approvals count no more")
            .RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/submit", DecideChangeRequest.SubmitAsync).WithName("submitChangeRequest").WithSummary("Ask for approval").RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/approve", DecideChangeRequest.ApproveAsync).WithName("approveChangeRequest").WithSummary("Approve; needs change.approve in all that it is about, and never one's own")
            .RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/reject", DecideChangeRequest.RejectAsync).WithName("rejectChangeRequest").WithSummary("Reject").RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/cancel", DecideChangeRequest.CancelAsync).WithName("cancelChangeRequest").WithSummary("Take back").RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/apply", DecideChangeRequest.ApplyAsync).WithName("applyChangeRequest").WithSummary("Do what was approved, all or none").RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/rebase", RebaseChangeRequest.HandleAsync).WithName("rebaseChangeRequest").WithSummary("Bring up to date what was changed meanwhile").RequirePermission(Permissions.FlagView);
        requests.MapPost("/{number:int}/comments", CommentAsync).WithName("commentOnChangeRequest").WithSummary("Say something").RequirePermission(Permissions.FlagView);
    }

    private static async Task<Results<Ok<Page<ChangeRequestSummaryView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, [AsParameters] ChangeRequestQuery filter, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.ChangeRequests.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        if (Filter(query, filter) is not { } found)
            return Problem.Invalid(new ProblemItem("invalid", "state", "There is no such state."));
        query = found;
        if (filter.Mine == true)
            query = query.Where(row => row.AuthorId == current.Caller.Id);
        query = query.Search(list.Search, row => row.Title);
        if (filter.Review == true)
        {
            Guid[] ids = [.. (await ReviewableAsync(db, current, await query.ToListAsync(cancel), cancel)).Select(row => row.Id)];
            query = query.Where(row => ids.Contains(row.Id));
        }
        var organization = current.Caller.Grants.First(grant => grant.Scope.Organization == current.OrganizationId).OrganizationKey;
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ChangeRequestViews.ListAsync(db, rows, organization, cancel), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static IQueryable<ChangeRequest>? Filter(IQueryable<ChangeRequest> query, ChangeRequestQuery filter)
    {
        if (filter.State == "open")
        {
            query = query.Where(row => row.State == ChangeRequestState.Draft || row.State == ChangeRequestState.Pending || row.State == ChangeRequestState.Approved
                || row.State == ChangeRequestState.Scheduled || row.State == ChangeRequestState.Conflicted);
        }
        else if (filter.State is { } text)
        {
            if (!Choice<ChangeRequestState>.TryParse(text, out var state))
                return null;
            var wanted = state.Value;
            query = query.Where(row => row.State == wanted);
        }
        if (filter.Author is { } author)
            query = query.Where(row => row.AuthorId == author);
        if (filter is { Flag: { } flag, Environment: { } environment })
        {
            var (state, whole) = ($"flags/{flag}/environments/{environment}", $"flags/{flag}");
            query = query.Where(row => row.Touches.Contains(state) || row.Touches.Contains(whole));
        }
        else if (filter.Flag is { } any)
        {
            var (whole, below) = ($"flags/{any}", $"flags/{any}/environments/");
            query = query.Where(row => row.Touches.Any(path => path == whole || path.StartsWith(below)));
        }
        else if (filter.Environment is { } only)
        {
            var (whole, below) = ($"environments/{only}", $"/environments/{only}");
            query = query.Where(row => row.Touches.Any(path => path == whole || path.EndsWith(below)));
        }
        return query;
    }

    private static async Task<List<ChangeRequest>> ReviewableAsync(TogglrDbContext db, Current current, List<ChangeRequest> rows, CancellationToken cancel)
    {
        rows = rows.FindAll(row => row.State == ChangeRequestState.Pending);
        Guid[] ids = [.. rows.Select(row => row.Id)];
        var approvals = (await db.ChangeApprovals.AsNoTracking().Where(row => ids.Contains(row.RequestId)).ToListAsync(cancel)).ToLookup(row => row.RequestId);
        var groupsOf = await Approvals.GroupsOfAsync(db, [current.Caller.Id], cancel);
        return rows.FindAll(row => Approvals.Refusal(row, current, [.. Approvals.Counting(row, approvals[row.Id])], groupsOf) is null);
    }

    /// <summary>Over all organizations and projects of the caller: what they can approve now, and what of their own is open.</summary>
    private static async Task<Ok<Page<ChangeRequestSummaryView>>> ListMineAsync(bool? mine, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var found = new List<ChangeRequestSummaryView>();
        foreach (var home in current.Caller.Grants.Where(grant => !current.Caller.Requirements.ContainsKey(grant.Scope.Organization)).Select(grant => (grant.Scope.Organization, grant.OrganizationKey)).Distinct())
        {
            db.ChangeTracker.Clear();
            db.UseOrganization(home.Organization);
            current.OrganizationId = home.Organization;
            var open = await Filter(db.ChangeRequests.AsNoTracking(), new ChangeRequestQuery("open", null, null, null, null, null))!.OrderByDescending(row => row.Id).Take(1000).ToListAsync(cancel);
            var projects = await db.Projects.AsNoTracking().ToDictionaryAsync(row => row.Id, cancel);
            foreach (var some in open.GroupBy(row => row.ProjectId))
            {
                current.Project = projects[some.Key];
                if (!current.May(Permissions.FlagView, some.Key))
                    continue;
                var rows = mine == true ? some.Where(row => row.AuthorId == current.Caller.Id).ToList() : await ReviewableAsync(db, current, [.. some], cancel);
                found.AddRange(await ChangeRequestViews.ListAsync(db, rows, home.OrganizationKey, cancel));
            }
        }
        return TypedResults.Ok(new Page<ChangeRequestSummaryView>([.. found.OrderByDescending(row => row.Id)], null, found.Count));
    }

    private static async Task<Results<Versioned<ChangeRequestView>, Problem>> GetAsync(int number, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        await ChangeRequestViews.FindAsync(db, current, number, cancel) is { } row
            ? new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, row, current, time, cancel), row.Version)
            : ChangeRequestViews.NotThere;

    private static async Task<Results<CreatedVersion<ChangeRequestView>, Problem>> CreateAsync(
        CreateChangeRequestRequest request, Current current, ChangeIntake intake, CommandReplay replay, CancellationToken cancel)
    {
        var changes = request.Changes ?? [];
        if (changes.Count > ChangeRequest.MaximumCommands)
            return Problem.Invalid(new ProblemItem("out_of_range", "/changes", $"A change request holds at most {ChangeRequest.MaximumCommands} changes."));
        if (changes.Count == 0 && request.Submit == true)
            return Problem.Invalid(new ProblemItem("required", "/changes", "There is nothing to ask for."));
        var commands = new List<ChangeCommand>();
        for (var i = 0; i < changes.Count; i++)
        {
            var (command, fault) = CommandOf(changes[i], $"/changes/{i}", current, replay);
            if (command is null)
                return fault!;
            command.Position = i;
            commands.Add(command);
        }
        var answer = await intake.CreateAsync(current, Guid.CreateVersion7(), request.Title, request.Description ?? "", commands, request.Submit ?? false, request.ApplyAt, cancel);
        return answer.Created is ChangeRequested made ? new CreatedVersion<ChangeRequestView>(made.View, made.View.Version, made.View.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)) : answer;
    }

    private static async Task<Results<Versioned<ChangeRequestView>, Problem>> UpdateAsync(
        int number, UpdateChangeRequestRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var (row, refused) = await EditChangeRequest.FindAsync(db, current, number, cancel);
        if (refused is not null)
            return refused;
        var changed = row.Describe(request.Title.Or(row.Title), request.Description.Or(row.Description));
        if (changed.IsOk && request.ApplyAt.IsSet && request.ApplyAt.Value != row.ApplyAt)
        {
            changed = row.Schedule(request.ApplyAt.Value);
            db.ChangeRequestEvents.Add(ChangeRequestViews.Event(row, current.Actor, "rescheduled", "", time));
        }
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await current.SaveAsync("changerequest.updated", ChangeRequestViews.KeyOf(row), row.Id, reason: null, cancel) is { } problem)
            return problem;
        return new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, row, current, time, cancel), row.Version);
    }

    private static Task<Results<Versioned<ChangeRequestView>, Problem>> AddChangeAsync(
        int number, RequestedChange change, Current current, TogglrDbContext db, Rehearse rehearse, CommandReplay replay, TimeProvider time, CancellationToken cancel) =>
        EditAsync(number, current, db, rehearse, time, (commands, row) =>
        {
            if (commands.Count >= ChangeRequest.MaximumCommands)
                return Problem.Conflict($"A change request holds at most {ChangeRequest.MaximumCommands} changes.", "too_many");
            var (command, fault) = CommandOf(change, "", current, replay, row);
            if (command is null)
                return fault;
            db.ChangeCommands.Add(command);
            commands.Add(command);
            return null;
        }, cancel);

    private static Task<Results<Versioned<ChangeRequestView>, Problem>> PutChangeAsync(
        int number, int position, RequestedChange change, Current current, TogglrDbContext db, Rehearse rehearse, CommandReplay replay, TimeProvider time, CancellationToken cancel) =>
        EditAsync(number, current, db, rehearse, time, (commands, row) =>
        {
            if (position < 0 || position >= commands.Count)
                return Problem.NotFound("The request holds no such change.");
            var (command, fault) = CommandOf(change, "", current, replay, row);
            if (command is null)
                return fault;
            db.ChangeCommands.Remove(commands[position]);
            db.ChangeCommands.Add(command);
            commands[position] = command;
            return null;
        }, cancel);

    private static Task<Results<Versioned<ChangeRequestView>, Problem>> DeleteChangeAsync(
        int number, int position, Current current, TogglrDbContext db, Rehearse rehearse, TimeProvider time, CancellationToken cancel) =>
        EditAsync(number, current, db, rehearse, time, (commands, row) =>
        {
            if (position < 0 || position >= commands.Count)
                return Problem.NotFound("The request holds no such change.");
            if (commands.Count == 1 && row.State != ChangeRequestState.Draft)
                return Problem.Conflict("A request that waits holds at least one change. Take it back instead.", "changes_nothing");
            db.ChangeCommands.Remove(commands[position]);
            commands.RemoveAt(position);
            return null;
        }, cancel);

    private static async Task<Results<Versioned<ChangeRequestView>, Problem>> EditAsync(
        int number, Current current, TogglrDbContext db, Rehearse rehearse, TimeProvider time, Func<List<ChangeCommand>, ChangeRequest, Problem?> edit, CancellationToken cancel)
    {
        var (row, commands, refused) = await EditChangeRequest.OpenAsync(db, current, number, cancel);
        if (refused is not null)
            return refused;
        if (edit(commands, row) is { } refusal)
            return refusal;
        if (await new EditChangeRequest(rehearse, db, current, time).ReviseAsync(row, commands, current.Caller, "edited", cancel) is { } problem)
            return problem;
        return new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, row, current, time, cancel), row.Version);
    }

    private static async Task<Results<Versioned<ChangeRequestView>, Problem>> CommentAsync(
        int number, CommentOnChangeRequestRequest request, Current current, TogglrDbContext db, ProjectPeople people, TimeProvider time, CancellationToken cancel)
    {
        if (request.Text.Length > MaximumComment || string.IsNullOrWhiteSpace(request.Text))
            return Problem.Invalid(new ProblemItem("out_of_range", "/text", $"A comment has 1 to {MaximumComment} characters."));
        if (Texts.Fault(request.Text, "/text") is { } fault)
            return Problem.Invalid(fault);
        if (await ChangeRequestViews.FindAsync(db, current, number, cancel) is not { } row)
            return ChangeRequestViews.NotThere;
        Guid[] mentions = [.. (request.Mentions ?? []).Distinct()];
        if (mentions.Length > ProjectPeople.MostMentioned)
            return Problem.Invalid(new ProblemItem("too_many", "/mentions", $"A comment mentions at most {ProjectPeople.MostMentioned} people."));
        if (mentions.Length > 0)
        {
            var seeing = await people.AmongAsync(current, mentions, cancel);
            var stranger = Array.FindIndex(mentions, id => !seeing.Exists(person => person.Id == id));
            if (stranger >= 0)
                return Problem.Invalid(new ProblemItem("unknown_person", $"/mentions/{request.Mentions!.ToList().IndexOf(mentions[stranger])}", "There is nobody with this id who may see the project."));
        }
        db.ChangeRequestEvents.Add(ChangeRequestViews.Event(row, current.Actor, "commented", request.Text, time, mentions));
        var change = new Change(current.Actor, "changerequest.commented", ChangeRequestViews.KeyOf(row)) { EntityId = row.Id, Project = current.Project, Always = true };
        if ((await db.CommitAsync(change, cancel)).Error is { } error)
            return error.ToProblem();
        return new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, row, current, time, cancel), row.Version);
    }

    /// <summary>The call that somebody asks for; or why there is none.</summary>
    internal static (ChangeCommand? Command, Problem? Problem) CommandOf(RequestedChange change, string place, Current current, CommandReplay replay, ChangeRequest? request = null)
    {
        var method = change.Method.ToUpperInvariant();
        var mark = change.Path.IndexOf('?', StringComparison.Ordinal);
        var (relative, query) = mark < 0 ? (change.Path, "") : (change.Path[..mark], change.Path[mark..]);
        var organization = current.Caller.Grants.First(grant => grant.Scope.Organization == current.OrganizationId).OrganizationKey;
        var path = $"/api/v1/orgs/{organization}/projects/{current.Project.Key}/{relative}".TrimEnd('/');
        if (change.Path.Length > 2000 || relative.StartsWith('/') || relative.Split('/').Any(segment => segment is "." or "..") || Texts.Fault(change.Path, "") is not null || change.Path.Any(char.IsControl))
            return (null, Problem.Invalid(new ProblemItem("invalid", $"{place}/path", "A path goes on from the project, such as flags/checkout/archive.")));
        if (change.Reason is { Length: > 1000 } || (change.Reason is { } text && (Texts.Fault(text, "") is not null || text.Any(char.IsControl))))
            return (null, Problem.Invalid(new ProblemItem("invalid", $"{place}/reason", "A reason has at most 1,000 characters, on one line.")));
        if (!Methods.Contains(method, StringComparer.Ordinal) || replay.OperationOf(method, path) is not { } operation)
            return (null, Problem.Invalid(new ProblemItem("unknown_operation", $"{place}/path", "There is no such call, or change requests do not hold it.")));
        return (new ChangeCommand
        {
            OrganizationId = request?.OrganizationId ?? Guid.Empty, RequestId = request?.Id ?? Guid.Empty, Operation = operation, Method = method, Path = path, Query = query, Reason = change.Reason,
            ContentType = change.Body is null ? null : "application/json", Body = change.Body is { } body ? JsonSerializer.SerializeToUtf8Bytes(body, StrictJson.Options) : null,
        }, null);
    }
}
