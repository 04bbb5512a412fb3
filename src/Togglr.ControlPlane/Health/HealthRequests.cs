using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>Asks for a flag to be switched off, in the name of whoever decided that it be asked: with their rights, and never approved by them.</summary>
internal sealed class HealthRequests(IServiceScopeFactory scopes, CommandReplay replay, ChangeIntake intake, TimeProvider time)
{
    public async Task AskAsync(Incident incident, FlagEnvironment state, HealthTerms terms, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(incident.OrganizationId);
        var (number, refusal) = await MakeAsync(scope.ServiceProvider, db, incident, state, cancel);
        var row = await db.Incidents.SingleAsync(item => item.Id == incident.Id, cancel);
        if (number is { } known)
            row.AskedBy(known);
        var text = number is { } made ? $"Change request {made} asks for the flag to be switched off." : $"No change request could be made: {refusal}";
        db.IncidentEvents.Add(row.Event(ChangeActor.System("health"), "requested", text, time.GetUtcNow()));
        await db.CommitAsync(
            new Change(ChangeActor.System("health"), "incident.updated", HealthTexts.Key(row))
            {
                EntityId = row.Id, Project = await db.Projects.SingleAsync(item => item.Id == row.ProjectId, cancel), Environment = row.EnvironmentKey, Reason = text, Always = true,
            },
            cancel);
    }

    private async Task<(int? Number, string Refusal)> MakeAsync(IServiceProvider provider, TogglrDbContext db, Incident incident, FlagEnvironment state, CancellationToken cancel)
    {
        var project = await db.Projects.SingleAsync(item => item.Id == incident.ProjectId, cancel);
        var settings = await EffectiveHealthTerms.ReadAsync(db, project.Id, cancel);
        if (settings.Of(state.EnvironmentId, state.FlagId, state.Flag!.Tags).Row?.UpdatedBy is not { } author
            || await provider.GetRequiredService<Callers>().FindPrincipalAsync(CallerKind.User, author, incident.OrganizationId, cancel) is not { } caller)
            return (null, "whoever asked for it is not a member any more.");
        var organization = await db.Organizations.Where(item => item.Id == incident.OrganizationId).Select(item => item.Key).SingleAsync(cancel);
        var path = $"/api/v1/orgs/{organization}/projects/{project.Key}/flags/{incident.FlagKey}/environments/{incident.EnvironmentKey}/toggle";
        if (replay.OperationOf("POST", path) is not { } operation)
            return (null, "there is no such call.");
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
            current, Guid.CreateVersion7(), title[..Math.Min(title.Length, 100)], $"Made by the watch over errors for incident {incident.Number}: {HealthTexts.Of(incident.Finding)}", [command], submit: true, applyAt: null, cancel);
        return answer.Created is ChangeRequested made ? (made.View.Number, "") : (null, answer.Detail ?? answer.Title);
    }
}
