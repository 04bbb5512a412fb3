using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Togglr.Sdk;

/// <summary>How a <see cref="TogglrClient"/> reaches Togglr and what it does when it cannot. Read once, when the client is created.</summary>
public sealed class TogglrClientOptions
{
    /// <summary>The server key of the environment (<c>tgs_…</c>). Required unless <see cref="Offline"/>. Never logged.</summary>
    public string SdkKey { get; set; } = "";

    /// <summary>Where the SDK API answers: an absolute http or https address, with or without a path before <c>/sdk/v1</c>.</summary>
    public Uri Endpoint { get; set; } = new("http://127.0.0.1:8080");

    /// <summary>Never uses the network: flags come from <see cref="BootstrapFile"/> or <see cref="SnapshotDirectory"/>, else every call gives its default.</summary>
    public bool Offline { get; set; }

    /// <summary>Follow changes over a stream (default). Without it, and while a stream cannot be had, the configuration is polled.</summary>
    public bool StreamingEnabled { get; set; } = true;

    /// <summary>Time between two polls, 1 second to 1 day. Also the longest pause before a failed stream is tried again.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the start of a host, and <see cref="TogglrClient.WaitUntilReadyAsync"/> without a time of its own, wait for the first snapshot: 0 to 10 minutes.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one request, and the first byte of a stream, may take: 100 milliseconds to 10 minutes.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause before a reconnect, 10 milliseconds to 1 minute. Doubles with every failure, up to <see cref="PollInterval"/>, and is jittered.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Where the last snapshot is kept between starts; created when missing. None by default. Several processes may share it.</summary>
    public string? SnapshotDirectory { get; set; }

    /// <summary>A snapshot document (what <c>GET /sdk/v1/config</c> answers) that ships with the application, used until a better one is known.</summary>
    public string? BootstrapFile { get; set; }

    /// <summary>Largest snapshot or patch accepted, in bytes: 1 KiB to 2,000,000,000. Larger ones are refused and the last good snapshot stays.</summary>
    public long MaxSnapshotBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Time between two reports of evaluation counts, 1 second to 1 day; <see cref="TimeSpan.Zero"/> sends none.</summary>
    public TimeSpan CountsInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most feedback and error reports, and as many exposures and tracked metrics, waiting to be sent, 1 to 1,000,000. Further ones are dropped and counted in the log.</summary>
    public int EventCapacity { get; set; } = 10_000;

    /// <summary>Report by itself who was given which variant of an experiment, at the first evaluation of each unit in this process (default).</summary>
    public bool ExposuresEnabled { get; set; } = true;

    /// <summary>How long exposures and tracked metrics are collected before they are sent, 10 milliseconds to 1 minute; 500 of them do not wait.</summary>
    public TimeSpan EventsInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Where exposures and tracked metrics wait while Togglr cannot be reached, also beyond the end of the process; created when missing. None by default: they wait in memory. Several processes may share it.</summary>
    public string? EventDirectory { get; set; }

    /// <summary>Most bytes in <see cref="EventDirectory"/>, 64 KiB to 100 GB; beyond that the oldest are dropped.</summary>
    public long MaxEventDirectoryBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>How long disposal may take to send what is waiting, 0 to 1 minute.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Where the client logs. <c>AddTogglr</c> sets it to the application's.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>Replaces the client's own connection handling: for proxies, client certificates and tests. Stays the caller's to dispose.</summary>
    public HttpMessageHandler? HttpMessageHandler { get; set; }

    /// <summary>Clock and timers of the client, and the <c>$now</c> of every evaluation.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Says what is wrong with these options, each message beginning with the option's name; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (!Offline)
        {
            if (string.IsNullOrWhiteSpace(SdkKey))
                errors.Add($"{nameof(SdkKey)} is required unless {nameof(Offline)} is set.");
            else if (SdkKey.Any(character => character is <= ' ' or > '~'))
                errors.Add($"{nameof(SdkKey)} has characters that no key has (blanks or non-ASCII).");
            else if (SdkKey.StartsWith("tgc_", StringComparison.Ordinal))
                errors.Add($"{nameof(SdkKey)} is a client key; evaluation in the process needs a server key (tgs_…).");
        }

        if (Endpoint is not { IsAbsoluteUri: true } || (Endpoint.Scheme != Uri.UriSchemeHttp && Endpoint.Scheme != Uri.UriSchemeHttps))
            errors.Add($"{nameof(Endpoint)} must be an absolute http or https address.");
        else if (Endpoint.Query.Length > 0 || Endpoint.Fragment.Length > 0 || Endpoint.UserInfo.Length > 0)
            errors.Add($"{nameof(Endpoint)} must have no user, query or fragment.");

        Range(PollInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), nameof(PollInterval));
        Range(StartTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(StartTimeout));
        Range(RequestTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), nameof(RequestTimeout));
        Range(ReconnectDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(ReconnectDelay));
        Range(ShutdownTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(1), nameof(ShutdownTimeout));
        if (CountsInterval != TimeSpan.Zero)
            Range(CountsInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), nameof(CountsInterval));
        if (MaxSnapshotBytes is < 1024 or > 2_000_000_000)
            errors.Add($"{nameof(MaxSnapshotBytes)} must be from 1024 to 2000000000, not {MaxSnapshotBytes}.");
        if (EventCapacity is < 1 or > 1_000_000)
            errors.Add($"{nameof(EventCapacity)} must be from 1 to 1000000, not {EventCapacity}.");
        Range(EventsInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(EventsInterval));
        if (MaxEventDirectoryBytes is < 64 * 1024 or > 100_000_000_000)
            errors.Add($"{nameof(MaxEventDirectoryBytes)} must be from 65536 to 100000000000, not {MaxEventDirectoryBytes}.");
        NotBlank(EventDirectory, nameof(EventDirectory));
        NotBlank(SnapshotDirectory, nameof(SnapshotDirectory));
        NotBlank(BootstrapFile, nameof(BootstrapFile));
        if (Logger is null)
            errors.Add($"{nameof(Logger)} must not be null.");
        if (TimeProvider is null)
            errors.Add($"{nameof(TimeProvider)} must not be null.");
        return errors;

        void Range(TimeSpan value, TimeSpan least, TimeSpan most, string name)
        {
            if (value < least || value > most)
                errors.Add($"{name} must be from {least} to {most}, not {value}.");
        }

        void NotBlank(string? path, string name)
        {
            if (path is not null && string.IsNullOrWhiteSpace(path))
                errors.Add($"{name} is blank; leave it null to do without.");
        }
    }
}
