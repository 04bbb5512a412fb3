using Microsoft.AspNetCore.Http;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Configuration;

namespace Togglr.Edge.RemoteEvaluation;

/// <summary><c>POST /sdk/v1/evaluate</c>: one flag, some, or all that the key may see.</summary>
internal sealed class EvaluateEndpoint(SdkGate gate, EdgeCounts counts, ContextSampler sampler, EdgeMetrics metrics, int bodyLimit, TimeProvider time)
{
    public async Task ServeAsync(HttpContext context)
    {
        var request = gate.Admit(context);
        if (request.Problem is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context, bodyLimit);
        await (body.Refusal is { } refusal ? refusal.ExecuteAsync(context) : Evaluate(context, request, ref body));
    }

    private Task Evaluate(HttpContext context, in SdkRequest request, ref RequestBody body)
    {
        var view = EdgeView.Of(request.State);
        var worker = view.Workers.Get();
        try
        {
            var kind = request.Key.Kind;
            var fault = RequestReader.Read(body.Bytes.Span, worker, request.State, kind, out var detail);
            if (fault == RequestFault.None)
                sampler.Offer(request.Key.Environment, worker, body.Bytes.Span);
            body.Release();
            if (fault != RequestFault.None)
                return RequestReader.ToProblem(fault, detail).ExecuteAsync(context);
            WriteResults(worker, view, request, time.GetUtcNow().ToUnixTimeMilliseconds());
            return Answer.WriteJson(context, StatusCodes.Status200OK, worker.Written);
        }
        finally
        {
            worker.Finish(metrics);
            view.Workers.Return(worker);
        }
    }

    private void WriteResults(EvaluationWorker worker, EdgeView view, in SdkRequest request, long now)
    {
        var (snapshot, counter, user) = (request.State.Snapshot, counts.Of(request.Key), worker.Context.User);
        worker.Write(view.ResultHead);
        if (worker.AskedForAll)
        {
            foreach (var flag in view.FlagsFor(request.Key.Kind))
                WriteResult(worker, snapshot, flag, counter, user, now);
        }
        else
        {
            foreach (var (flag, missing) in worker.Asked)
            {
                if (flag is not null)
                {
                    WriteResult(worker, snapshot, flag, counter, user, now);
                    continue;
                }
                counts.AddUnknown(request.Key.Environment, missing!);
                worker.Write(ResultEncoding.MissingEntry(missing!));
            }
        }
        worker.TrimComma();
        worker.Write("}}"u8);
    }

    private static void WriteResult(EvaluationWorker worker, Snapshot snapshot, Flag flag, ExposureCounter counter, ulong user, long now)
    {
        var result = snapshot.Evaluate(flag, worker.Context, now);
        counter.Record(result, user);
        worker.Count(result.Outcome);
        worker.Write(ResultEncoding.Entry(result.Outcome));
    }
}
