using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// What a password must be: long, not the person's own name or address, and not one that is known from elsewhere. No rules about kinds of characters: they make passwords worse.
/// </summary>
internal sealed class PasswordRules(BreachedPasswords breached)
{
    /// <summary>As told to those who choose a password.</summary>
    public PasswordRulesView View { get; } = new(Passwords.MinimumLength, Passwords.MaximumLength, breached.HasFile);

    /// <summary>What is wrong with a password; null when nothing is.</summary>
    /// <param name="password">The password.</param>
    /// <param name="email">The person's address.</param>
    /// <param name="name">The person's name.</param>
    /// <param name="path">Where in the body it is.</param>
    public ProblemItem? Check(string password, string email, string name, string path)
    {
        if (password.Length is < Passwords.MinimumLength or > Passwords.MaximumLength)
            return new ProblemItem("weak_password", path, $"A password has {Passwords.MinimumLength} to {Passwords.MaximumLength} characters.");
        if (password.Distinct().Take(3).Count() < 3)
            return new ProblemItem("weak_password", path, "A password has at least three different characters.");
        var plain = password.Trim();
        if (plain.Equals(email, StringComparison.OrdinalIgnoreCase) || plain.Equals(email.Split('@')[0], StringComparison.OrdinalIgnoreCase) || plain.Equals(name, StringComparison.OrdinalIgnoreCase))
            return new ProblemItem("weak_password", path, "A password is not your name or address.");
        return breached.Contains(password) ? new ProblemItem("breached_password", path, "This password is known from other sites: anybody would try it. Choose another.") : null;
    }
}
