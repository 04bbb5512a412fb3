using Togglr.Edge.RemoteEvaluation;
using Togglr.Edge.Sampling;
using Togglr.Messaging.Attributes;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge;

/// <summary>Offers some of the contexts that are evaluated remotely to those who look at them. A request costs a counter.</summary>
/// <param name="attributes">Looks at what attributes there are.</param>
/// <param name="people">Looks at every context, where an environment keeps a sample of its people.</param>
internal sealed class ContextSampler(AttributeObserver attributes, PeopleSampler people)
{
    /// <summary>Looks at a request whose turn it is.</summary>
    /// <param name="environment">Where it was evaluated.</param>
    /// <param name="worker">Which read the context. The first requests that it counts and then one of 256 are looked at.</param>
    /// <param name="body">The body, which was found to be valid.</param>
    /// <param name="isFlat">Whether the body is the context itself.</param>
    public void Offer(EnvironmentReplica environment, EvaluationWorker worker, ReadOnlySpan<byte> body, bool isFlat = false)
    {
        people.Offer(environment, worker.Context.TargetingKey, body, isFlat);
        var request = worker.Begin();
        // The first ones too: applications in development send few.
        if (request < 16 || (request & 255) == 0)
            attributes.Look(environment.Id, body, isFlat);
    }
}
