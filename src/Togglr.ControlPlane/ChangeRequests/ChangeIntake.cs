using Microsoft.AspNetCore.Http;
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

/// <summary>
/// Turns a call that may not change anything by itself into a change request, or into another change of somebody's draft. The call has run up to its commit, so
/// everything that its endpoint checks was checked; what only the database can tell is found by trying it.
/// </summary>
internal sealed class ChangeIntake(Rehearse rehearse, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>Names a draft that the call becomes a part of.</summary>
    public const string Header = "Togglr-Change-Request";

    private const int Attempts = 5;

    /// <summary>The draft that a call is meant for; null for none, and for what cannot wait.</summary>
    public static string? DraftOf(Current current)
    {
        if (!current.HasProject || current.Authority.Kind != AuthorityKind.Direct || current.Http.GetEndpoint()?.Metadata.GetMetadata<NeverRequested>() is not null)
            return null;
        return current.Http.Request.Headers[Header].ToString() is { Length: > 0 } draft ? draft : null;
    }

    /// <summary>Makes a request of the call, which waits for approval from now on; answers 202 with it.</summary>
    public async Task<Problem> TakeAsync(Current current, CancellationToken cancel)
    {
        if (await CommandOfAsync(current, cancel) is not { } command)
            return Problem.Conflict("This is guarded, and the call cannot be part of a change request.", ErrorCodes.ApprovalRequired);
        return await CreateAsync(current, Guid.CreateVersion7(), null, "", [command], submit: true, applyAt: null, cancel);
    }

    /// <summary>Adds the call to a draft of the caller; answers 202 with it.</summary>
    public async Task<Problem> AddAsync(Current current, string draft, CancellationToken cancel)
    {
        if (await CommandOfAsync(current, cancel) is not { } command)
            return Problem.Conflict("This call cannot be part of a change request.", "not_requestable");
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(current.OrganizationId);
        var number = int.TryParse(draft, out var parsed) ? parsed : 0;
        var id = Guid.TryParse(draft, out var known) ? known : Guid.Empty;
        if (await db.ChangeRequests.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && (row.Number == number || row.Id == id), cancel) is not { } request)
            return Problem.Invalid(new ProblemItem("unknown_change_request", Header, "There is no such change request in the project."));
        if (request.State != ChangeRequestState.Draft || request.AuthorId != current.Caller.Id)
            return Problem.Conflict("Changes can be added to one's own drafts only.", "not_your_draft");
        var commands = await db.ChangeCommands.Where(row => row.RequestId == request.Id).OrderBy(row => row.Position).ToListAsync(cancel);
        if (commands.Count >= ChangeRequest.MaximumCommands)
            return Problem.Conflict($"A change request holds at most {ChangeRequest.MaximumCommands} changes.", "too_many");
        var added = Rebuild(command, request, commands.Count);
        db.ChangeCommands.Add(added);
        var edit = new EditChangeRequest(rehearse, db, current, time);
        if (await edit.ReviseAsync(request, [.. commands, added], current.Caller, "edited", cancel) is { } problem)
            return problem;
        return Problem.Deferred(new ChangeRequested(await ChangeRequestViews.AloneAsync(db, request, current, time, cancel)));
    }

    /// <summary>A new request with these calls. What <paramref name="along"/> changes is written with it, or nothing is.</summary>
    public async Task<Problem> CreateAsync(
        Current current, Guid id, string? title, string description, IReadOnlyList<ChangeCommand> commands, bool submit, DateTimeOffset? applyAt, CancellationToken cancel,
        Func<TogglrDbContext, ChangeRequest, Task<ChangePart>>? along = null)
    {
        var rehearsal = new ChangeRehearsal(Guard.None, [], ChangeCommand.HashOf([]));
        if (commands.Count > 0)
        {
            var (tried, failure) = await rehearse.RunAsync(current.OrganizationId, current.Project.Id, id, current.Caller, commands, cancel);
            if (tried is null)
                return failure!.ToProblem();
            rehearsal = tried;
        }
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            db.UseOrganization(current.OrganizationId);
            var project = await db.Projects.SingleAsync(row => row.Id == current.Project.Id, cancel);
            var number = 1 + (await db.ChangeRequests.Where(row => row.ProjectId == project.Id).MaxAsync(row => (int?)row.Number, cancel) ?? 0);
            var created = ChangeRequest.Create(project, number, current.Actor, title ?? ChangeRequestTitles.Of(commands), description);
            if (!created.IsOk)
                return created.Error.ToProblem();
            var request = created.Value;
            request.Revise(rehearsal, null);
            // Whoever issued a service account's token could be the one who asks with it.
            if (current.Caller.Token?.IssuedBy is { } issuer)
                request.AddEditor(issuer);
            if (applyAt is not null)
                request.Schedule(applyAt);
            db.ChangeRequests.Add(request);
            db.ChangeCommands.AddRange(commands.Select((command, i) => Rebuild(command, request, i)));
            db.ChangeRequestEvents.Add(ChangeRequestViews.Event(request, current.Actor, "created", "", time));
            if (submit)
            {
                request.Submit(time.GetUtcNow());
                if (request.Guard.Policies.Count == 0)
                    request.Approve(isEnough: true);
                db.ChangeRequestEvents.Add(ChangeRequestViews.Event(request, current.Actor, "submitted", "", time));
            }
            var change = new Change(current.Actor, "changerequest.created", ChangeRequestViews.KeyOf(request)) { EntityId = request.Id, Project = project };
            if (along is not null)
                change = change with { Parts = [new ChangePart(change.Action, change.EntityKey, request.Id, [request]), await along(db, request)] };
            var committed = await db.CommitAsync(change, cancel);
            if (committed.Error is { Code: ErrorCodes.AlreadyExists } && attempt < Attempts)
                continue;
            if (!committed.IsOk)
                return committed.Error.ToProblem();
            return Problem.Deferred(new ChangeRequested(await ChangeRequestViews.AloneAsync(db, request, current, time, cancel)));
        }
    }

    /// <summary>The call as it was sent; null for one that change requests do not hold.</summary>
    private static async Task<ChangeCommand?> CommandOfAsync(Current current, CancellationToken cancel)
    {
        var http = current.Http;
        if (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not { } name || endpoint.Metadata.GetMetadata<NeverRequested>() is not null)
            return null;
        byte[]? body = null;
        if (http.Request.Body.CanSeek)
        {
            http.Request.Body.Position = 0;
            using var copy = new MemoryStream();
            await http.Request.Body.CopyToAsync(copy, cancel);
            body = copy.Length == 0 ? null : copy.ToArray();
        }
        return new ChangeCommand
        {
            Operation = name.EndpointName, Method = http.Request.Method, Path = http.Request.Path.Value!, Query = http.Request.QueryString.Value ?? "",
            ContentType = http.Request.ContentType, Body = body, Reason = http.Request.Headers["Togglr-Reason"].ToString() is { Length: > 0 } reason ? reason : null,
        };
    }

    private static ChangeCommand Rebuild(ChangeCommand command, ChangeRequest request, int position)
    {
        var row = new ChangeCommand
        {
            OrganizationId = request.OrganizationId, RequestId = request.Id, Position = position, Operation = command.Operation, Method = command.Method, Path = command.Path, Query = command.Query,
            ContentType = command.ContentType, Body = command.Body, Reason = command.Reason,
        };
        row.TakeOver(command);
        return row;
    }
}

/// <summary>202: the change became a request, which is in the body and at <c>Location</c>.</summary>
internal sealed class ChangeRequested(ChangeRequestView view) : IResult
{
    public ChangeRequestView View => view;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers[ChangeIntake.Header] = view.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers.ETag = EntityTags.Format(view.Version);
        return TypedResults.Accepted(view.Url, view).ExecuteAsync(httpContext);
    }
}
