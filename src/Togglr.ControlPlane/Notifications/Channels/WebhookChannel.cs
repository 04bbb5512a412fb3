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
        var body = Encoding.UTF8.GetBytes(message.Body);
        KeyValuePair<string, string>[] headers =
        [
            new("Togglr-Delivery", message.DeliveryId.ToString()), new("Togglr-Event", message.Event.Type), new("Togglr-Signature", Sign(secret, time.GetUtcNow(), body)),
        ];
        return http.PostAsync(new Uri(url), body, headers, [url, new Uri(url).PathAndQuery.Trim('/'), secret], cancel);
    }

    /// <summary><c>t=seconds since 1970,v1=HMAC-SHA-256 of "t.body" in hexadecimal</c>.</summary>
    internal static string Sign(string secret, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(seconds), (byte)'.', .. body];
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }
}
