using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>What somebody says of a destination, the same for new ones and changes.</summary>
internal sealed record DestinationGiven(string? Url, string? SigningSecret, string? Token, string? ChatId, string? ApiUrl, IReadOnlyList<string>? Recipients, int? SigningSecretOverlapHours = null);

/// <summary>Checks what people send.</summary>
internal sealed class DestinationInput(NotificationHttp http, TogglrDbContext db)
{
    private const int MostRecipients = 20;
    private const int MostEvents = 100;

    /// <summary>Puts settings and secrets together; the problem when they do not fit the kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="given">What was sent.</param>
    /// <param name="settings">The settings before; for a new destination an empty object.</param>
    /// <param name="secrets">The secrets before, which are changed.</param>
    public (JsonElement Settings, Problem? Problem) Merge(DestinationKind kind, DestinationGiven given, JsonElement settings, Dictionary<string, string> secrets)
    {
        if (Unfitting(kind, given) is { } unfitting)
            return (settings, Problem.Invalid(new ProblemItem("unknown_property", $"/{unfitting}", "A destination of this kind has no such member.")));
        return kind switch
        {
            DestinationKind.Telegram => Telegram(given, settings, secrets),
            DestinationKind.Email => Email(given, settings),
            _ => (settings, Webhook(kind, given, secrets)),
        };
    }

    /// <summary>Subscriptions by what they mean; the problem when they mean nothing.</summary>
    public async Task<(JsonElement? Subscriptions, Problem? Problem)> SubscribeAsync(IReadOnlyList<SubscriptionRequest> requests, Current current, CancellationToken cancel)
    {
        if (requests.Count > Subscription.Maximum)
            return (null, Problem.Invalid(new ProblemItem("too_many", "/subscriptions", $"A destination has at most {Subscription.Maximum} subscriptions.")));
        var subscriptions = new List<Subscription>();
        for (var i = 0; i < requests.Count; i++)
        {
            var (request, place) = (requests[i], $"/subscriptions/{i}");
            if (request.Events.Count is 0 or > MostEvents)
                return (null, Problem.Invalid(new ProblemItem("out_of_range", $"{place}/events", $"A subscription names 1 to {MostEvents} events.")));
            for (var j = 0; j < request.Events.Count; j++)
            {
                if (!EventCatalogue.IsSubscribable(request.Events[j]))
                    return (null, Problem.Invalid(new ProblemItem("unknown_event", $"{place}/events/{j}", "There is no such event.")));
            }
            Guid? project = null, environment = null;
            if (request.Project is { } key)
            {
                project = !KeyFormat.IsSlug(key) ? null
                    : current.HasProject ? (key == current.Project.Key ? current.Project.Id : null)
                    : await db.Projects.Where(row => row.Key == key).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancel);
                if (project is null)
                    return (null, Problem.Invalid(new ProblemItem("unknown_project", $"{place}/project", current.HasProject ? "A project's destination is told of that project." : "There is no such project.")));
            }
            if (request.Environment is { } name)
            {
                var within = project ?? (current.HasProject ? current.Project.Id : null);
                environment = within is null || !KeyFormat.IsSlug(name)
                    ? null
                    : await db.Environments.Where(row => row.ProjectId == within && row.Key == name).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancel);
                if (environment is null)
                    return (null, Problem.Invalid(new ProblemItem("unknown_environment", $"{place}/environment", within is null ? "An environment is in a project: name it too." : "There is no such environment in the project.")));
            }
            subscriptions.Add(new Subscription(project, environment, [.. request.Events.Distinct(StringComparer.Ordinal)]));
        }
        return (Subscription.Write(subscriptions), null);
    }

    /// <summary>The member that a kind does not have; null where all fit.</summary>
    private static string? Unfitting(DestinationKind kind, DestinationGiven given)
    {
        var isHttp = kind is DestinationKind.Webhook or DestinationKind.Slack or DestinationKind.Mattermost;
        (string Name, bool IsThere, bool Fits)[] members =
        [
            ("url", given.Url is not null, isHttp), ("signingSecret", given.SigningSecret is not null, kind == DestinationKind.Webhook), ("signingSecretOverlapHours", given.SigningSecretOverlapHours is not null, kind == DestinationKind.Webhook), ("token", given.Token is not null, kind == DestinationKind.Telegram),
            ("chatId", given.ChatId is not null, kind == DestinationKind.Telegram), ("apiUrl", given.ApiUrl is not null, kind == DestinationKind.Telegram),
            ("recipients", given.Recipients is not null, kind == DestinationKind.Email),
        ];
        return Array.Find(members, static member => member.IsThere && !member.Fits).Name;
    }

    private Problem? Webhook(DestinationKind kind, DestinationGiven given, Dictionary<string, string> secrets)
    {
        if (given.Url is { } url)
        {
            if (http.Fault(url) is { } fault)
                return Problem.Invalid(new ProblemItem("invalid", "/url", fault));
            secrets[DestinationSecrets.Url] = url;
        }
        if (!secrets.ContainsKey(DestinationSecrets.Url))
            return Problem.Invalid(new ProblemItem("required", "/url", "Say where messages go."));
        if (kind != DestinationKind.Webhook)
            return null;
        if (given.SigningSecret is { } secret)
        {
            if (secret.Length is < 16 or > 200 || !secret.All(static letter => letter is > ' ' and < '\u007F'))
                return Problem.Invalid(new ProblemItem("invalid", "/signingSecret", "A secret has 16 to 200 visible ASCII characters."));
            secrets[DestinationSecrets.SigningSecret] = secret;
        }
        if (!secrets.ContainsKey(DestinationSecrets.SigningSecret))
            secrets[DestinationSecrets.SigningSecret] = $"whsec_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        return null;
    }

    private (JsonElement Settings, Problem? Problem) Telegram(DestinationGiven given, JsonElement settings, Dictionary<string, string> secrets)
    {
        var before = settings.Deserialize<TelegramSettings>(JsonSerializerOptions.Web);
        var chat = given.ChatId ?? before?.ChatId;
        var api = given.ApiUrl ?? before?.ApiUrl ?? TelegramChannel.PublicApi;
        if (chat is not { Length: > 0 and <= 100 } || !(long.TryParse(chat, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)
            || (chat[0] == '@' && chat.Length > 1 && chat.Skip(1).All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))))
            return (settings, Problem.Invalid(new ProblemItem("invalid", "/chatId", "A chat is a number, or @ and a name.")));
        if (http.Fault(api) is { } fault || api.Contains('?', StringComparison.Ordinal))
            return (settings, Problem.Invalid(new ProblemItem("invalid", "/apiUrl", http.Fault(api) ?? "The address has no query.")));
        // A token goes to nobody but whom it was entered for.
        if (before?.ApiUrl is { } known && known != api)
            secrets.Remove(DestinationSecrets.Token);
        if (given.Token is { } token)
        {
            if (token.Length is < 10 or > 200 || !token.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is ':' or '_' or '-'))
                return (settings, Problem.Invalid(new ProblemItem("invalid", "/token", "A bot's token looks like 123456:ABC-def.")));
            secrets[DestinationSecrets.Token] = token;
        }
        if (!secrets.ContainsKey(DestinationSecrets.Token))
            return (settings, Problem.Invalid(new ProblemItem("required", "/token", "A bot needs its token.")));
        return (JsonSerializer.SerializeToElement(new TelegramSettings(chat, api), JsonSerializerOptions.Web), null);
    }

    private static (JsonElement Settings, Problem? Problem) Email(DestinationGiven given, JsonElement settings)
    {
        if (given.Recipients is not { } sent)
        {
            return settings.TryGetProperty("recipients", out _) ? (settings, null) : (settings, Problem.Invalid(new ProblemItem("required", "/recipients", "Say to whom mail goes.")));
        }
        if (sent.Count is 0 or > MostRecipients)
            return (settings, Problem.Invalid(new ProblemItem("out_of_range", "/recipients", $"Mail goes to 1 to {MostRecipients} addresses.")));
        var recipients = new List<string>();
        for (var i = 0; i < sent.Count; i++)
        {
            if (User.CheckAddress(sent[i]) is { } error)
                return (settings, Problem.Invalid(new ProblemItem("invalid", $"/recipients/{i}", error.Message)));
            if (!recipients.Contains(sent[i].Trim(), StringComparer.OrdinalIgnoreCase))
                recipients.Add(sent[i].Trim());
        }
        return (JsonSerializer.SerializeToElement(new MailSettings(recipients), JsonSerializerOptions.Web), null);
    }
}
