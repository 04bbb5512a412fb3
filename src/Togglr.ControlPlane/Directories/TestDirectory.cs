using System.DirectoryServices.Protocols;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>Tries a directory step by step: connect, TLS, bind, search base, a sample person, their groups. Each address is tried; the rest happens at the first that lets the account in.</summary>
internal sealed class TestDirectory(ProviderSecrets secrets)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public async Task<ProviderTestView> RunAsync(LdapCalls calls, IdentityProvider provider, CancellationToken cancel)
    {
        var settings = ProviderSettings.Stored<LdapSettings>(provider.Settings).Complete();
        var password = secrets.Read(provider).GetValueOrDefault(LdapKind.BindPassword);
        // Kept outside, so that the steps before one that hangs are told.
        var steps = new List<ProviderTestStepView>();
        var done = await calls.RunAsync(provider, Limit, () =>
        {
            Run(settings, password, calls.ReachOf(settings), steps);
            return true;
        }, cancel);
        lock (steps)
        {
            if (!done.IsOk)
                steps.Add(new ProviderTestStepView(done.Error.Path ?? "connect", false, done.Error.Message));
            return ProviderTestView.Of([.. steps]);
        }
    }

    private static void Run(LdapSettings settings, string? password, LdapReach reach, List<ProviderTestStepView> steps)
    {
        LdapServer? good = null;
        var secured = false;
        foreach (var server in settings.Urls.Select(LdapServer.Of))
        {
            if (!Step(steps, "connect", () =>
            {
                LdapProbe.Reach(server, reach, TimeSpan.FromSeconds(settings.ConnectTimeoutSeconds!.Value));
                return $"{server} answers.";
            }))
                continue;
            var isSecured = Step(steps, "tls", () => Secure(settings, server, reach));
            if (isSecured && !secured)
                (good, secured) = (server, true);
        }
        if (good is null)
            return;
        var working = settings with { Urls = [$"{(settings.Security == LdapSecurity.Ldaps ? "ldaps" : "ldap")}://{(good.Host.Contains(':', StringComparison.Ordinal) ? $"[{good.Host}]" : good.Host)}:{good.Port}"] };
        LdapSession? session = null;
        try
        {
            if (!Step(steps, "bind", () =>
            {
                session = LdapSession.Open(working, password, reach);
                return string.IsNullOrEmpty(settings.BindDn) ? "Searches are made without a name." : $"{settings.BindDn} may come in.";
            }))
                return;
            if (!Step(steps, "search", () => session!.HasBase() ? $"{settings.BaseDn} is there." : throw new DirectoryFaultException("search", $"There is no {settings.BaseDn}, or the account may not see it.")))
                return;
            LdapPerson? sample = null;
            if (!Step(steps, "user", () => Describe(sample = session!.Sample() is [var first, ..] ? first : null, settings)) || settings.Groups!.Source == LdapGroupSource.None)
                return;
            Step(steps, "groups", () =>
            {
                var groups = session!.GroupsOf(sample!);
                return groups.Count == 0 ? $"{sample!.Dn} is in no group that this account sees." : $"{sample!.Dn} is in {string.Join("; ", groups.Order(StringComparer.Ordinal).Take(10))}.";
            });
        }
        finally
        {
            session?.Dispose();
        }
    }

    private static string Secure(LdapSettings settings, LdapServer server, LdapReach reach)
    {
        if (settings.Security == LdapSecurity.None)
            return $"The connection to {server} is not protected, as configured: passwords travel readable.";
        if (LdapProbe.ExplainTls(settings, server, reach) is { } fault)
            throw new DirectoryFaultException("tls", fault);
        using var connection = LdapSession.Connect(settings, server, reach);
        // LDAPS begins with the first bind.
        if (settings.Security == LdapSecurity.Ldaps)
        {
            connection.AuthType = AuthType.Anonymous;
            try
            {
                connection.Bind();
            }
            catch (DirectoryOperationException)
            {
                // Nobody in particular may not come in; TLS was there before the directory said so.
            }
            catch (LdapException failed) when (failed.ErrorCode is 48 or 49 or 53)
            {
                // As above.
            }
            catch (LdapException failed)
            {
                throw new DirectoryFaultException("tls", $"TLS with {server} could not be begun: {failed.Message}", failed);
            }
        }
        return $"The certificate of {server} is good.";
    }

    private static string Describe(LdapPerson? person, LdapSettings settings)
    {
        if (person is null)
            throw new DirectoryFaultException("user", $"The filter {settings.UserFilter} finds nobody below {settings.BaseDn}.");
        if (person.Id is null)
            throw new DirectoryFaultException("user", $"{person.Dn} has no {settings.Attributes!.Id}, or the account may not read it.");
        if (person.Email is null)
            throw new DirectoryFaultException("user", $"{person.Dn} has no {settings.Attributes!.Email}: people without an e-mail address are left out.");
        return $"{person.Dn}: {person.Name ?? "(no name)"}, {person.Email}, known as {person.Id}.";
    }

    private static bool Step(List<ProviderTestStepView> steps, string name, Func<string> run)
    {
        ProviderTestStepView step;
        try
        {
            step = new ProviderTestStepView(name, true, run());
        }
        catch (DirectoryFaultException fault)
        {
            step = new ProviderTestStepView(name, false, fault.Message);
        }
        lock (steps)
            steps.Add(step);
        return step.Ok;
    }
}
