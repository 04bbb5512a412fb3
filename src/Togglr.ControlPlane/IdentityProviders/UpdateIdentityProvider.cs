using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

internal static class UpdateIdentityProvider
{
    public static async Task<Results<Versioned<IdentityProviderView>, Problem>> HandleAsync(
        string provider, UpdateIdentityProviderRequest request, Current current, TogglrDbContext db, IEnumerable<IProviderKind> kinds, ProviderSecrets store, ProviderMappings mappings, ProviderGrants grants,
        PublicAddress address, TimeProvider time, CancellationToken cancel)
    {
        if (await IdentityProviderEndpoints.FindAsync(provider, db, cancel) is not { } row || kinds.KindOf(row.Kind) is not { } kind)
            return IdentityProviderEndpoints.NotThere(provider);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var changesTrust = request is { Settings: not null } or { Secrets: not null } || request.Mappings.IsSet || request.Enabled.IsSet || request.CreatePeople.IsSet;
        if (changesTrust && IdentityProviderEndpoints.MayTrust(current) is { } refused)
            return refused;

        var settings = row.Settings;
        if (request.Settings is not null || request.Secrets is not null)
        {
            var secrets = store.Read(row);
            if (ProviderInput.Merge(secrets, request.Secrets, kind) is { } wrong)
                return Problem.Invalid(wrong);
            var check = await kind.CheckAsync(request.Settings ?? row.Settings, secrets, cancel);
            if (check.Faults.Count > 0)
                return Problem.Invalid(check.Faults);
            settings = check.Settings;
            store.Write(row, secrets);
        }
        if (request.Mappings.IsSet && await mappings.CheckAsync(request.Mappings.Value, current, cancel) is { } unmappable)
            return unmappable;
        var (domains, fault) = request.Domains.IsSet ? ProviderInput.Domains(request.Domains.Value) : (row.Domains, null);
        if (domains is null)
            return Problem.Invalid(fault!);

        var presented = row.Present(request.Name.Or(row.Name), request.ShowOnLogin.Or(row.ShowOnLogin), domains);
        if (!presented.IsOk)
            return presented.Error.ToProblem();
        row.Configure(request.Enabled.Or(row.Enabled), request.CreatePeople.Or(row.CreatePeople), settings, request.Mappings.IsSet ? ProviderMappings.Write(request.Mappings.Value) : row.Mappings);
        if (request.Mappings.IsSet)
            await grants.ReviseAsync(row, cancel);
        if (!row.Enabled)
        {
            foreach (var session in await db.Sessions.Where(session => session.ProviderId == row.Id && session.RevokedAt == null).ToListAsync(cancel))
                session.Revoke(time.GetUtcNow());
        }
        if (await current.SaveAsync("identity_provider.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<IdentityProviderView>(IdentityProviderEndpoints.View(row, kind, store, address), row.Version);
    }
}
