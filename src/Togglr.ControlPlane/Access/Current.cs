using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>Who is asking and about what: filled by <see cref="Gate"/> before an endpoint runs.</summary>
internal sealed class Current(TogglrDbContext db, IHttpContextAccessor accessor)
{
    private Caller? _caller;
    private Project? _project;
    private ProjectEnvironment? _environment;
    private HttpContext? _http;

    /// <summary>Who asks: a person or a service account. Endpoints that allow everybody must not ask.</summary>
    public Caller Caller
    {
        get => _caller ?? throw new InvalidOperationException("This endpoint does not require anybody to be signed in.");
        set => _caller = value;
    }

    /// <summary>The id of who asks, null where nobody is signed in.</summary>
    public Guid? Signed => _caller?.Id;

    /// <summary>The organization of the route.</summary>
    public Guid OrganizationId { get; set; }

    /// <summary>Whether the caller has a permission in the organization of the route, or in a project or environment of it.</summary>
    public bool May(string permission, Guid? project = null, Guid? environment = null) =>
        Authorization.Authorize(Caller, permission, new Scope(OrganizationId, project, environment)) == Verdict.Allowed;

    /// <summary>Whether the caller may give or take these permissions in the organization of the route, or in a project or environment of it.</summary>
    public bool MayConfer(IEnumerable<string> permissions, Guid? project = null, Guid? environment = null) =>
        Authorization.MayConfer(Caller, permissions, new Scope(OrganizationId, project, environment));

    /// <summary>The project of the route, tracked.</summary>
    public Project Project
    {
        get => _project ?? throw new InvalidOperationException("The route has no project.");
        set => _project = value;
    }

    /// <summary>The environment of the route, tracked.</summary>
    public ProjectEnvironment Environment
    {
        get => _environment ?? throw new InvalidOperationException("The route has no environment.");
        set => _environment = value;
    }

    public HttpContext Http
    {
        get => _http ?? accessor.HttpContext ?? throw new InvalidOperationException("There is no request.");
        set => _http = value;
    }

    /// <summary>Whether there is a project; endpoints of the organization may find one by themselves.</summary>
    public bool HasProject => _project is not null;

    /// <summary>By what right guarded things are changed; the caller's own unless somebody says otherwise.</summary>
    public Authority Authority { get; set; } = Authority.Direct;

    /// <summary>Who does it, for the audit log.</summary>
    public ChangeActor Actor => WithRequest(new ChangeActor(Caller.Kind == CallerKind.User ? "user" : "service_account", Caller.Id, Caller.Name)
    {
        Token = Caller.Token is { } token ? new ActorToken(token.Id, token.Name) : null,
    });

    /// <summary>Somebody who is not signed in yet, or not any more, for the audit log.</summary>
    public ChangeActor ActorFor(User user) => WithRequest(new ChangeActor("user", user.Id, user.Name));

    /// <summary>Adds where a request came from.</summary>
    public ChangeActor WithRequest(ChangeActor actor) => actor with
    {
        Address = Http.Connection.RemoteIpAddress?.ToString(),
        UserAgent = UserAgent,
        RequestId = Http.TraceIdentifier,
    };

    /// <summary>The program that asks, cut to what the log keeps.</summary>
    public string? UserAgent => Http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent[..Math.Min(agent.Length, 400)] : null;

    /// <summary>Forgets everything that was read and changed, and reads the scope of the route again. Null when that is still there.</summary>
    public async Task<Problem?> StartOverAsync(CancellationToken cancel)
    {
        var (hadProject, hadEnvironment) = (_project is not null, _environment is not null);
        db.ChangeTracker.Clear();
        if (_project is { } project)
            _project = await db.Projects.SingleOrDefaultAsync(row => row.Id == project.Id, cancel);
        if (_environment is { } environment)
            _environment = await db.Environments.SingleOrDefaultAsync(row => row.Id == environment.Id, cancel);
        return (hadProject && _project is null) || (hadEnvironment && _environment is null) ? Problem.NotFound("It was deleted meanwhile.") : null;
    }

    /// <summary>Saves what was changed, with one audit entry. Null when that went well.</summary>
    /// <param name="action">Entity and verb, such as <c>flag.updated</c>.</param>
    /// <param name="entityKey">The key by which people name the entity.</param>
    /// <param name="entityId">Its id.</param>
    /// <param name="reason">Why, from the body; the header <c>Togglr-Reason</c> where that is absent.</param>
    /// <param name="environment">Key of the environment that it is about.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="alsoIn">Further organizations whose audit logs tell of it.</param>
    /// <param name="parts">What is told by audit entries of their own instead of one.</param>
    /// <param name="isRehearsal">Whether everything is tried and nothing kept.</param>
    public async Task<Problem?> SaveAsync(
        string action,
        string entityKey,
        Guid? entityId,
        string? reason,
        CancellationToken cancel,
        string? environment = null,
        IReadOnlyCollection<Guid>? alsoIn = null,
        IReadOnlyList<ChangePart>? parts = null,
        bool isRehearsal = false)
    {
        reason ??= Http.Request.Headers["Togglr-Reason"].ToString() is { Length: > 0 } header ? header : null;
        if (reason is { Length: > 1000 })
            return Problem.Invalid(new ProblemItem("too_long", "/reason", "A reason has at most 1,000 characters."));
        if (reason is not null && Texts.Fault(reason, "/reason") is { } fault)
            return Problem.Invalid(fault);
        var change = new Change(Actor, action, entityKey)
        {
            EntityId = entityId, Project = _project, Environment = environment, Reason = reason, AlsoIn = alsoIn ?? [], Parts = parts ?? [], Rehearsal = isRehearsal, Authority = Authority,
        };
        if (Http.Features.Get<Replayed>() is { } replayed)
            change = change with { Authority = replayed.Authority };
        else if (!isRehearsal && ChangeIntake.DraftOf(this) is { } draft)
            return await Http.RequestServices.GetRequiredService<ChangeIntake>().AddAsync(this, draft, cancel);
        var committed = await db.CommitAsync(change, cancel);
        if (committed.Error is { Code: ErrorCodes.ApprovalRequired, Guard: { } guard } && change.Authority.Kind == AuthorityKind.Direct)
        {
            if (!ChangeBypass.IsAskedFor(Http))
                return await Http.RequestServices.GetRequiredService<ChangeIntake>().TakeAsync(this, cancel);
            if (await ChangeBypass.RefuseAsync(this, db, guard, reason, cancel) is { } refusal)
                return refusal;
            committed = await db.CommitAsync(change with { Authority = Authority.Bypass }, cancel);
        }
        return committed.IsOk ? null : committed.Error.ToProblem();
    }
}
