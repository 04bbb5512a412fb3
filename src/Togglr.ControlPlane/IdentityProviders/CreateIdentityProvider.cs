using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

internal static class CreateIdentityProvider
{
    public static async Task<Results<CreatedVersion<IdentityProviderView>, Problem>> HandleAsync(
        CreateIdentityProviderRequest request, Current current, TogglrDbContext db, IEnumerable<IProviderKind> kinds, ProviderSecrets store, ProviderMappings mappings, PublicAddress address,
        CancellationToken cancel)
    {
        if (IdentityProviderEndpoints.MayTrust(current) is { } refused)
            return refused;
        if (kinds.KindOf(request.Kind) is not { } kind)
            return Problem.Invalid(new ProblemItem("invalid", "/kind", "This protocol is not available."));
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        if (ProviderInput.Merge(secrets, request.Secrets, kind) is { } wrong)
            return Problem.Invalid(wrong);
        var check = await kind.CheckAsync(request.Settings, secrets, cancel);
        if (check.Faults.Count > 0)
            return Problem.Invalid(check.Faults);
        if (await mappings.CheckAsync(request.Mappings ?? [], current, cancel) is { } unmappable)
            return unmappable;
        var (domains, fault) = ProviderInput.Domains(request.Domains ?? []);
        if (domains is null)
            return Problem.Invalid(fault!);

        var created = IdentityProvider.Create(
            current.OrganizationId, request.Key, request.Name ?? request.Key, request.Kind, check.Settings, ProviderMappings.Write(request.Mappings ?? []));
        if (!created.IsOk)
            return created.Error.ToProblem();
        var provider = created.Value;
        var presented = provider.Present(provider.Name, request.ShowOnLogin ?? false, domains);
        if (!presented.IsOk)
            return presented.Error.ToProblem();
        provider.Configure(request.Enabled ?? true, request.CreatePeople ?? false, provider.Settings, provider.Mappings);
        store.Write(provider, secrets);
        db.IdentityProviders.Add(provider);
        if (await current.SaveAsync("identity_provider.created", provider.Key, provider.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<IdentityProviderView>(IdentityProviderEndpoints.View(provider, kind, store, address), provider.Version, provider.Key);
    }
}
