namespace Togglr.Store;

/// <summary>A person who signs in. Users belong to the installation; memberships tie them to organizations.</summary>
public sealed class User : Entity
{
    private static readonly System.Buffers.SearchValues<char> NeverInAddresses = System.Buffers.SearchValues.Create(" \t\r\n<>,;\"");

    private User()
    {
    }

    /// <summary>As the person wrote it.</summary>
    public string Email { get; private set; } = "";

    /// <summary>The e-mail address folded for comparison; unique.</summary>
    public string NormalizedEmail { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>As the password hasher wrote it; null when the person cannot sign in with a password.</summary>
    public string? PasswordHash { get; private set; }

    /// <summary>The password was given by somebody else and must be replaced first.</summary>
    public bool MustChangePassword { get; private set; }

    /// <summary>The language the person chose (<c>en</c>, <c>ru</c>); null follows the browser.</summary>
    public string? Locale { get; private set; }

    /// <summary>The IANA time zone the person chose; null follows the browser.</summary>
    public string? TimeZone { get; private set; }

    /// <summary>The encrypted secret of the person's time-based codes; null without a second factor.</summary>
    public byte[]? TotpSecret { get; private set; }

    /// <summary>Since when a code is asked for; null while the secret has not been confirmed with a first code.</summary>
    public DateTimeOffset? TotpConfirmedAt { get; private set; }

    /// <summary>The time step of the last accepted code: none of this step or before is accepted again.</summary>
    public long TotpLastStep { get; private set; }

    /// <summary>Codes tried since the last right one. Written without an audit entry.</summary>
    public int SecondFactorFailures { get; private set; }

    /// <summary>When a code was last tried. Written without an audit entry.</summary>
    public DateTimeOffset? SecondFactorTriedAt { get; private set; }

    /// <summary>Whether signing in with a password takes a second factor.</summary>
    public bool HasTwoFactor => TotpConfirmedAt is not null;

    /// <summary>The last successful sign-in.</summary>
    public DateTimeOffset? LastSignInAt { get; private set; }

    /// <summary>Since when the person cannot sign in any more.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    internal override string AuditPath => $"users/{Id}";

    /// <summary>The form in which two addresses are compared.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    /// <summary>A new user without a password.</summary>
    public static Result<User> Create(string email, string name)
    {
        if ((AddressError(email) ?? KeyFormat.Name(name, "name")) is { } error)
            return error;
        return new User { Id = Guid.CreateVersion7(), Email = email.Trim(), NormalizedEmail = Normalize(email), Name = name };
    }

    /// <summary>What is wrong with an e-mail address; null when it can be one. Nothing that could end a mail header gets through.</summary>
    public static StoreError? CheckAddress(string email)
    {
        ArgumentNullException.ThrowIfNull(email);
        return AddressError(email);
    }

    /// <inheritdoc cref="CheckAddress"/>
    internal static StoreError? AddressError(string email)
    {
        email = email.Trim();
        var at = email.IndexOf('@', StringComparison.Ordinal);
        return email.Length > 254 || at < 1 || at == email.Length - 1 || email.AsSpan().ContainsAny(NeverInAddresses) || email.LastIndexOf('@') != at
            ? Result.Invalid("email", "This is not an e-mail address.")
            : KeyFormat.Text(email, "email");
    }

    /// <summary>Changes the shown name.</summary>
    public Result Rename(string name)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        Name = name;
        return Result.Ok;
    }

    /// <summary>Changes the address.</summary>
    public Result Readdress(string email)
    {
        if (AddressError(email) is { } error)
            return error;
        (Email, NormalizedEmail) = (email.Trim(), Normalize(email));
        return Result.Ok;
    }

    /// <summary>Sets a password that is already hashed.</summary>
    /// <param name="hash">What the password hasher made.</param>
    /// <param name="mustChange">True for a temporary password.</param>
    public void SetPassword(string hash, bool mustChange)
    {
        ArgumentException.ThrowIfNullOrEmpty(hash);
        PasswordHash = hash;
        MustChangePassword = mustChange;
    }

    /// <summary>Forgets the password and the second factor of whoever the account belonged to.</summary>
    public void BeginAnew()
    {
        (PasswordHash, MustChangePassword, LastSignInAt) = (null, false, null);
        RemoveTotp();
    }

    /// <summary>Changes language and time zone; null follows the browser. The caller has checked that they exist.</summary>
    public void Prefer(string? locale, string? timeZone) => (Locale, TimeZone) = (locale, timeZone);

    /// <summary>Begins to set up time-based codes; <see cref="ConfirmTotp"/> makes them count.</summary>
    public void SetTotp(byte[] encryptedSecret) => (TotpSecret, TotpConfirmedAt, TotpLastStep) = (encryptedSecret, null, 0);

    /// <summary>The first code was right: from now on signing in takes one.</summary>
    public void ConfirmTotp(DateTimeOffset now, long step) => (TotpConfirmedAt, TotpLastStep) = (now, step);

    /// <summary>Signing in takes no second factor any more.</summary>
    public void RemoveTotp() => (TotpSecret, TotpConfirmedAt, TotpLastStep) = (null, null, 0);

    /// <summary>Ends the person's access; <see cref="Enable"/> gives it back.</summary>
    public void Disable(DateTimeOffset now) => DisabledAt ??= now;

    /// <summary>Gives access back.</summary>
    public void Enable() => DisabledAt = null;
}

/// <summary>The answer that a request with an idempotency key was given, so that repeating the request repeats the answer.</summary>
public sealed class IdempotencyRecord
{
    /// <summary>Who asked: a user's or token's identifier.</summary>
    public Guid PrincipalId { get; init; }

    /// <summary>As the client sent it, 1 to 100 visible characters.</summary>
    public required string Key { get; init; }

    /// <summary>Keyed hash of method, path and body: another request with the same key is a conflict.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>When the request arrived; the record is kept for 24 hours.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while the first request is still at work.</summary>
    public int? Status { get; set; }

    /// <summary>The answer's entity tag.</summary>
    public string? EntityTag { get; set; }

    /// <summary>The answer's place.</summary>
    public string? Location { get; set; }

    /// <summary>The answer's media type.</summary>
    public string? ContentType { get; set; }

    /// <summary>The answer's body, encrypted: it may hold a secret.</summary>
    public byte[]? Body { get; set; }
}
