using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Channels;

/// <summary>Posts events as JSON with a signature over time and body, so that the receiver knows who sent it, and that nobody sends it again later.</summary>
internal sealed class WebhookChannel(NotificationHttp http, TimeProvider time) : IDestinationChannel
{
    /// <inheritdoc/>
    public bool Serves(DestinationKind kind) => kind == DestinationKind.Webhook;

    /// <inheritdoc/>
    public Task<SendOutcome> SendAsync(OutgoingMessage message, CancellationToken cancel)
    {
        if (!message.Secrets.TryGetValue(DestinationSecrets.Url, out var url) || !message.Secrets.TryGetValue(DestinationSecrets.SigningSecret, out var secret))
            return Task.FromResult(SendOutcome.Failed("The destination has no address or no secret.", isFinal: true));
        var now = time.GetUtcNow();
        string[] secrets = SigningOverlap.FormerOf(message.Secrets, now) is { } former ? [secret, former] : [secret];
        var body = Encoding.UTF8.GetBytes(message.Body);
        KeyValuePair<string, string>[] headers =
        [
            new("Togglr-Delivery", message.DeliveryId.ToString()), new("Togglr-Event", message.Event.Type), new("Togglr-Signature", Sign(secrets, now, body)),
        ];
        return http.PostAsync(new Uri(url), body, headers, [url, new Uri(url).PathAndQuery.Trim('/'), .. secrets], cancel);
    }

    /// <summary><c>t=seconds since 1970,v1=HMAC-SHA-256 of "t.body" in hexadecimal</c>, with one <c>v1</c> for each secret.</summary>
    internal static string Sign(IReadOnlyList<string> secrets, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(seconds), (byte)'.', .. body];
        return string.Join(',', secrets.Select(secret => $"v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}").Prepend($"t={seconds}"));
    }
}
