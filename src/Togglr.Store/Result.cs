using System.Diagnostics.CodeAnalysis;

namespace Togglr.Store;

/// <summary>Why something that was expected to be possible did not happen.</summary>
/// <param name="Code">Stable code, the one that the API answers with (<c>validation_failed</c>, <c>already_exists</c>, …).</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Path">JSON pointer like place of the offending member (<c>variants/1/value</c>), where there is one.</param>
public sealed record StoreError(string Code, string Message, string? Path = null)
{
    /// <summary>The version that the row has now; with <see cref="ErrorCodes.PreconditionFailed"/> only.</summary>
    public int? CurrentVersion { get; init; }

    /// <summary>What must be satisfied first; with <see cref="ErrorCodes.ApprovalRequired"/> only.</summary>
    public Guard? Guard { get; init; }

    /// <summary>What stands in the way; with <see cref="ErrorCodes.InUse"/> only, such as <c>flags/checkout/environments/prod</c>.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];
}

/// <summary>The stable codes of expected failures.</summary>
public static class ErrorCodes
{
    /// <summary>A value breaks an invariant.</summary>
    public const string ValidationFailed = "validation_failed";

    /// <summary>The key is taken.</summary>
    public const string AlreadyExists = "already_exists";

    /// <summary>Something refers to what was to be removed.</summary>
    public const string InUse = "in_use";

    /// <summary>The flag is archived and cannot be changed until it is restored.</summary>
    public const string Archived = "archived";

    /// <summary>The change touches what is guarded, and nobody has approved it.</summary>
    public const string ApprovalRequired = "approval_required";

    /// <summary>The state does not allow the operation.</summary>
    public const string Conflict = "conflict";

    /// <summary>Nobody would be left who may do everything in the organization.</summary>
    public const string LastOwner = "last_owner";

    /// <summary>Nothing would be left that somebody could sign in to.</summary>
    public const string LastOrganization = "last_organization";

    /// <summary>Somebody else changed the row since it was read.</summary>
    public const string PreconditionFailed = "precondition_failed";

    /// <summary>The database cannot be reached now; trying again later can succeed.</summary>
    public const string Unavailable = "unavailable";
}

/// <summary>Success or an expected failure.</summary>
public readonly record struct Result
{
    private Result(StoreError? error) => Error = error;

    /// <summary>Success.</summary>
    public static Result Ok => default;

    /// <summary>The failure, null on success.</summary>
    public StoreError? Error { get; }

    /// <summary>True on success.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Error is null;

    /// <summary>A failure.</summary>
    public static implicit operator Result(StoreError error) => new(error);

    /// <summary>A failed validation of the member at <paramref name="path"/>.</summary>
    public static StoreError Invalid(string path, string message) => new(ErrorCodes.ValidationFailed, message, path);
}

/// <summary>A value or an expected failure.</summary>
/// <typeparam name="T">What success gives.</typeparam>
public readonly record struct Result<T>
    where T : notnull
{
    private Result(T? value, StoreError? error) => (Value, Error) = (value, error);

    /// <summary>The value; null (default) on failure.</summary>
    public T? Value { get; }

    /// <summary>The failure, null on success.</summary>
    public StoreError? Error { get; }

    /// <summary>True on success.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Error is null;

    /// <summary>Success.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>A failure.</summary>
    public static implicit operator Result<T>(StoreError error) => new(default, error);
}
