using System.Text;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>A context that a project's people keep for the evaluation debugger: a customer, a device, a case from a support ticket.</summary>
public sealed class SavedContext : Entity, IProjectOwned
{
    /// <summary>Most bytes of one context's JSON.</summary>
    public const int MaximumBytes = 16 * 1024;

    /// <summary>Most contexts in one project.</summary>
    public const int MaximumInProject = 200;

    private SavedContext()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Shown to people; unique in the project.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The context. Not part of audit entries: it may be about a person, and what is in the log stays there.</summary>
    public JsonElement Content { get; private set; }

    internal override string AuditPath => $"contexts/{Id}";

    /// <summary>A new one.</summary>
    public static Result<SavedContext> Create(Project project, string name, JsonElement content)
    {
        var context = new SavedContext { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id };
        var changed = context.Change(name, content);
        return changed.IsOk ? context : changed.Error;
    }

    /// <summary>Changes name and content. Whether the content is a context is checked by Togglr.Evaluation before.</summary>
    public Result Change(string name, JsonElement content)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        if (content.ValueKind != JsonValueKind.Object)
            return Result.Invalid("context", "A context is an object.");
        if (Encoding.UTF8.GetByteCount(content.GetRawText()) > MaximumBytes)
            return Result.Invalid("context", $"A saved context has at most {MaximumBytes} bytes.");
        (Name, Content) = (name, content);
        return Result.Ok;
    }
}
