namespace Togglr.Store;

/// <summary>Search, filters, order and columns of the flag list under a name, for one person or for everybody in the project.</summary>
public sealed class SavedView : Entity, IProjectOwned
{
    /// <summary>Longest <see cref="Query"/>, in UTF-16 units.</summary>
    public const int MaximumQueryLength = 2000;

    private SavedView()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Who made it: a user or a service account.</summary>
    public Guid OwnerId { get; private set; }

    /// <summary>Shown to people; not unique.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What stands behind the question mark in the list's address; may be empty.</summary>
    public string Query { get; private set; } = "";

    /// <summary>Whether everybody who sees the project's flags sees it; else its owner alone.</summary>
    public bool Shared { get; private set; }

    internal override string AuditPath => $"views/{Id}";

    /// <summary>A new view.</summary>
    public static Result<SavedView> Create(Project project, Guid owner, string name, string query, bool shared)
    {
        var view = new SavedView { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, OwnerId = owner };
        var changed = view.Change(name, query, shared);
        return changed.IsOk ? view : changed.Error;
    }

    /// <summary>Changes all of it.</summary>
    public Result Change(string name, string query, bool shared)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        if (query is null || query.Length > MaximumQueryLength)
            return Result.Invalid("query", $"A query has at most {MaximumQueryLength} characters.");
        if (KeyFormat.Text(query, "query") is { } fault)
            return fault;
        (Name, Query, Shared) = (name, query, shared);
        return Result.Ok;
    }
}
