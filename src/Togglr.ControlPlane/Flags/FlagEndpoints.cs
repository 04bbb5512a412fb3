using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Flags;

internal static class FlagEndpoints
{
    public static void MapFlags(this IEndpointRouteBuilder project)
    {
        project.MapGet("/flag-list", GetFlagList.HandleAsync).WithName("getFlagList").WithSummary("All flags of a project in short, at once").WithTags("Flags")
            .RequirePermission(Permissions.FlagView);
        project.MapGet("/flag-problems", GetFlagProblems.HandleAsync).WithName("getFlagProblems").WithSummary("Flags whose saved configuration has errors or warnings").WithTags("Flags")
            .RequirePermission(Permissions.FlagView);
        var flags = project.MapGroup("/flags").WithTags("Flags");
        flags.MapGet("", ListFlags.HandleAsync).WithName("listFlags").WithSummary("The flags of a project").RequirePermission(Permissions.FlagView);
        flags.MapPost("", CreateFlag.HandleAsync).WithName("createFlag").WithSummary("Create a flag").RequirePermission(Permissions.FlagManage);
        flags.MapPost("/bulk", BulkFlags.HandleAsync).WithName("bulkFlags").WithSummary("Change up to 500 flags at once, or ask what that would do; each flag needs the permission of its own call")
            .RequirePermission(Permissions.FlagView);
        flags.MapGet("/{flag}", GetFlag.HandleAsync).WithName("getFlag").WithSummary("A flag").RequirePermission(Permissions.FlagView);
        flags.MapPatch("/{flag}", UpdateFlag.HandleAsync).WithName("updateFlag").WithSummary("Change what is the same in every environment").RequirePermission(Permissions.FlagManage);
        flags.MapDelete("/{flag}", DeleteFlag.HandleAsync).WithName("deleteFlag").WithSummary("Delete an archived flag").RequirePermission(Permissions.FlagManage);
        flags.MapPost("/{flag}/archive", ArchiveFlag.ArchiveAsync).WithName("archiveFlag").WithSummary("Take a flag out of every snapshot")
            .RequirePermission(Permissions.FlagManage);
        flags.MapPost("/{flag}/restore", ArchiveFlag.RestoreAsync).WithName("restoreFlag").WithSummary("Bring an archived flag back as it was")
            .RequirePermission(Permissions.FlagManage);
        flags.MapPost("/{flag}/kill", KillFlag.KillAsync).WithName("killFlag").WithSummary("Pull the kill switch in all or some environments")
            .RequirePermission(Permissions.FlagToggle).WithMetadata(new NeverRequested());
        flags.MapPost("/{flag}/revive", KillFlag.ReviveAsync).WithName("reviveFlag").WithSummary("Release the kill switch in all or some environments")
            .RequirePermission(Permissions.FlagToggle);
        flags.MapGet("/{flag}/references", GetFlagReferences.HandleAsync).WithName("getFlagReferences").WithSummary("What uses a flag as a prerequisite")
            .RequirePermission(Permissions.FlagView);

        var states = flags.MapGroup("/{flag}/environments/{env}");
        states.MapGet("", GetFlagEnvironment.HandleAsync).WithName("getFlagEnvironment").WithSummary("A flag in an environment").RequirePermission(Permissions.FlagView);
        states.MapPut("", ConfigureFlag.HandleAsync).WithName("configureFlag").WithSummary("Change how a flag decides in an environment; If-Match is required")
            .RequirePermission(Permissions.FlagManage);
        states.MapPost("/toggle", ToggleFlag.HandleAsync).WithName("toggleFlag").WithSummary("Switch a flag on or off in an environment")
            .RequirePermission(Permissions.FlagToggle);
        states.MapPost("/analyze", AnalyzeFlag.HandleAsync).WithName("analyzeFlag").WithSummary("What a draft configuration would be told")
            .RequirePermission(Permissions.FlagView).WithMetadata(new NeverRequested());
        states.MapGet("/dependencies", GetFlagDependencies.HandleAsync).WithName("getFlagDependencies").WithSummary("What a flag needs and what needs it, over all levels")
            .RequirePermission(Permissions.FlagView);
    }
}
