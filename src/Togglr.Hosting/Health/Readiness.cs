namespace Togglr.Hosting.Health;

/// <summary>One thing that must work before a process should get traffic. Each role registers its own; <c>/ready</c> asks all of them.</summary>
public interface IReadinessCheck
{
    /// <summary>What is checked, for example <c>database</c> or <c>snapshots</c>.</summary>
    string Name { get; }

    /// <summary>Null when ready, else what is missing, in words an operator understands. Must answer within two seconds.</summary>
    ValueTask<string?> CheckAsync(CancellationToken cancellationToken);
}
