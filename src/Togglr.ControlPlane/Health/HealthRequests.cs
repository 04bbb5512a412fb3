using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>
/// Asks for a flag to be switched off, in the name of whoever decided that it be asked: with their rights, and never approved by them. An incident says in its own row that a request is owed; the request
/// and its number in that row are written together, so that it is made once, whichever process dies and whichever goes on.
/// </summary>
internal sealed partial class HealthRequests(IServiceScopeFactory scopes, TogglrDatabase database, CommandReplay replay, ChangeIntake intake, TimeProvider time, ILogger<HealthRequests> log)
{
    private const int AtOnce = 10;

    private static readonly ChangeActor Actor = ChangeActor.System("health");

    /// <summary>Makes the requests that are owed. One that fails for now is tried again in some seconds, by whoever comes then.</summary>
    public async Task MakeAsync(CancellationToken cancel)
    {
        foreach (var (organization, incident) in await TakeAsync(cancel))
        {
            try
            {
                await MakeAsync(organization, incident, cancel);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                LogFailed(incident, failed.Message);
            }
        }
    }

    private async Task<List<(Guid Organization, Guid Incident)>> TakeAsync(CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            $"""
            WITH due AS MATERIALIZED (SELECT id FROM incidents WHERE ask_at <= now() AND resolved_at IS NULL ORDER BY ask_at LIMIT {AtOnce} FOR UPDATE SKIP LOCKED)
            UPDATE incidents i SET ask_at = now() + interval '5 seconds' FROM due WHERE i.id = due.id RETURNING i.organization_id, i.id
            """);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var taken = new List<(Guid, Guid)>();
        while (await reader.ReadAsync(cancel))
            taken.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return taken;
    }

    private async Task MakeAsync(Guid organization, Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        if (await db.Incidents.AsNoTracking().SingleOrDefaultAsync(item => item.Id == id && item.AskAt != null, cancel) is not { } incident)
            return;
        if (await AskAsync(scope.ServiceProvider, db, incident, cancel) is not { } refusal)
            return;
        var row = await db.Incidents.SingleAsync(item => item.Id == id, cancel);
        var part = Note(db, row, null, $"No change request could be made: {refusal}");
        var project = await db.Projects.SingleAsync(item => item.Id == row.ProjectId, cancel);
        // Who was quicker has said it.
        await db.CommitAsync(new Change(Actor, part.Action, part.EntityKey) { EntityId = row.Id, Project = project, Environment = row.EnvironmentKey, Reason = part.Reason }, cancel);
    }

    /// <summary>Makes the request; why it cannot be made, null when it is.</summary>
    private async Task<string?> AskAsync(IServiceProvider provider, TogglrDbContext db, Incident incident, CancellationToken cancel)
    {
        var state = await db.FlagEnvironments.AsNoTracking().Include(item => item.Flag).SingleAsync(item => item.FlagId == incident.FlagId && item.EnvironmentId == incident.EnvironmentId, cancel);
        var project = await db.Projects.SingleAsync(item => item.Id == incident.ProjectId, cancel);
        var settings = await EffectiveHealthTerms.ReadAsync(db, project.Id, cancel);
        if (settings.Of(state.EnvironmentId, state.FlagId, state.Flag!.Tags).Row?.UpdatedBy is not { } author
            || await provider.GetRequiredService<Callers>().FindPrincipalAsync(CallerKind.User, author, incident.OrganizationId, cancel) is not { } caller)
            return "whoever asked for it is not a member any more.";
        var organization = await db.Organizations.Where(item => item.Id == incident.OrganizationId).Select(item => item.Key).SingleAsync(cancel);
        var path = $"/api/v1/orgs/{organization}/projects/{project.Key}/flags/{incident.FlagKey}/environments/{incident.EnvironmentKey}/toggle";
        if (replay.OperationOf("POST", path) is not { } operation)
            return "there is no such call.";
        var current = provider.GetRequiredService<Current>();
        current.Http = new DefaultHttpContext { RequestServices = provider, RequestAborted = cancel, TraceIdentifier = Guid.CreateVersion7().ToString("n") };
        (current.Caller, current.OrganizationId, current.Project) = (caller, incident.OrganizationId, project);
        var command = new ChangeCommand
        {
            Operation = operation, Method = "POST", Path = path, ContentType = "application/json",
            Body = JsonSerializer.SerializeToUtf8Bytes(new { enabled = false, reason = $"Incident {incident.Number}" }),
        };
        var title = $"Switch {incident.FlagKey} off in {incident.EnvironmentKey}";
        var answer = await intake.CreateAsync(
            current, Guid.CreateVersion7(), title[..Math.Min(title.Length, 100)], $"Made by the watch over errors for incident {incident.Number}: {HealthTexts.Of(incident.Finding)}", [command], submit: true, applyAt: null, cancel,
            async (writing, request) =>
            {
                var row = await writing.Incidents.SingleAsync(item => item.Id == incident.Id, cancel);
                // Whoever was quicker has cleared this; the version of the row keeps the other from being written.
                if (row.AskAt is null)
                    throw new InvalidOperationException("The incident owes no change request any more.");
                return Note(writing, row, request.Number, $"Change request {request.Number} asks for the flag to be switched off.");
            });
        if (answer.Created is ChangeRequested)
            return null;
        // Passing, or somebody else wrote the incident just now.
        if (answer.Status >= 500 || answer.Code is ErrorCodes.PreconditionFailed or ErrorCodes.AlreadyExists)
            throw new InvalidOperationException(answer.Detail ?? answer.Title);
        return answer.Detail ?? answer.Title;
    }

    private ChangePart Note(TogglrDbContext db, Incident row, int? number, string text)
    {
        row.AskedBy(number);
        db.IncidentEvents.Add(row.Event(Actor, "requested", text, time.GetUtcNow()));
        return new ChangePart("incident.updated", HealthTexts.Key(row), row.Id, [row]) { Reason = text, Environment = row.EnvironmentKey };
    }

    [LoggerMessage(3093, LogLevel.Warning, "The change request that incident {Incident} asks for could not be made and is tried again: {Reason}")]
    private partial void LogFailed(Guid incident, string reason);
}
