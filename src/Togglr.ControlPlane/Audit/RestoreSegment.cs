using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Brings back what a segment is called and whom its condition takes in. Its lists are not in the log.</summary>
internal static class RestoreSegment
{
    public static async Task<Restored> RunAsync(PastState past, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (!current.May(Permissions.SegmentManage, current.Project.Id))
            return Problem.Forbidden($"This needs the permission {Permissions.SegmentManage}.");
        var key = past.Entry.EntityKey;
        if (past.Entry.Action.StartsWith("segment.keys_", StringComparison.Ordinal) || past.Row($"segments/{key}") is not { } row)
            return RestoreAuditEntry.Refused("The keys of a segment's lists are not in the log.");
        var (name, description, condition) = (row.Text("name") ?? key, row.Text("description") ?? "", row.Json("condition"));
        if (await ConditionCheck.RunAsync(db, current.Project, key, condition, cancel) is { } invalid)
            return RestoreAuditEntry.Refused(invalid);
        if (await SegmentStore.FindAsync(db, current, key, cancel) is { } segment)
        {
            var changed = segment.Change(name, description, condition);
            return changed.IsOk ? segment.Id : RestoreAuditEntry.Refused(changed.Error);
        }

        if ((row.Number("includedCount") ?? 0) + (row.Number("excludedCount") ?? 0) > 0)
            return RestoreAuditEntry.Refused("The segment had keys in its lists, which are not in the log.");
        var created = Segment.Create(current.Project, key, name, description, condition);
        if (!created.IsOk)
            return RestoreAuditEntry.Refused(created.Error);
        db.Segments.Add(created.Value);
        return created.Value.Id;
    }
}
