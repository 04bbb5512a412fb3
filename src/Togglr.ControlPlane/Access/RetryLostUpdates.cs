using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// Repeats a change that lost a race, where the client did not say which version it means: without <c>If-Match</c> the change is wanted on top of whatever
/// there is, so somebody else's change in the same moment is no reason to refuse it.
/// </summary>
internal sealed class RetryLostUpdates(Current current) : IEndpointFilter
{
    private const int Attempts = 6;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        // What is part of a larger whole fails as a whole.
        var mayRepeat = context.HttpContext.Features.Get<Replayed>() is null && !HttpMethods.IsGet(request.Method) && StringValues.IsNullOrEmpty(request.Headers.IfMatch);
        for (var attempt = 1; ; attempt++)
        {
            var result = await next(context);
            if (!mayRepeat || attempt == Attempts || (result is INestedHttpResult nested ? nested.Result : result) is not Problem { Code: "precondition_failed" })
                return result;
            if (await current.StartOverAsync(context.HttpContext.RequestAborted) is { } gone)
                return gone;
        }
    }
}
