using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// Marks a request that was not sent just now: a call of a change request, made again by the server itself as part of a larger transaction. A feature of the
/// request, so nothing that is sent can claim it.
/// </summary>
/// <param name="Author">On whose behalf, with what they may do now.</param>
/// <param name="Authority">By what right.</param>
internal sealed record Replayed(Caller Author, Authority Authority);
