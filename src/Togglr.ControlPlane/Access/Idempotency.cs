using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// <c>Idempotency-Key</c> on POSTs: the first request claims the key with a row before it runs, so that of several at once exactly one runs; the others wait
/// for its answer. The same key with another request is a conflict. An answer of 500 or more, or a crash, gives the key free again.
/// </summary>
internal static class Idempotency
{
    private const int MaximumKeyLength = 100;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>A claim without an answer is older than any request takes: its process died.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0 || !HttpMethods.IsPost(http.Request.Method) || http.RequestServices.GetRequiredService<Current>().Signed is not { } person)
        {
            await next(http);
            return;
        }
        if (key.Length > MaximumKeyLength || key.Any(letter => letter is <= ' ' or > '~'))
        {
            await Problem.Invalid(new ProblemItem("invalid", "Idempotency-Key", "An idempotency key is 1 to 100 visible ASCII characters.")).ExecuteAsync(http);
            return;
        }

        var seal = http.RequestServices.GetRequiredService<AnswerSeal>();
        var hash = await HashAsync(http, seal);
        using var scope = http.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        var giveUp = time.GetUtcNow() + LongestWait;
        while (!await ClaimAsync(db, person, key, hash, time, http.RequestAborted))
        {
            var earlier = await db.Idempotency.AsNoTracking().SingleOrDefaultAsync(row => row.PrincipalId == person && row.Key == key, http.RequestAborted);
            if (earlier is not null && !earlier.RequestHash.AsSpan().SequenceEqual(hash))
            {
                await Problem.Conflict("This idempotency key was used for another request.", "idempotency_conflict").ExecuteAsync(http);
                return;
            }
            if (earlier is { Status: not null })
            {
                if (seal.Open(earlier.Body, person, key) is { } body)
                    await ReplayAsync(http, earlier, body);
                else
                    await Problem.Conflict("The answer to this idempotency key can be read no more. Use another key.", "idempotency_conflict").ExecuteAsync(http);
                return;
            }
            if (time.GetUtcNow() > giveUp)
            {
                await Problem.Conflict("The first request with this idempotency key is still at work.", "idempotency_conflict").ExecuteAsync(http);
                return;
            }
            await Task.Delay(25, http.RequestAborted);
        }
        await ExecuteAsync(http, next, db, seal, person, key);
    }

    private static async Task<bool> ClaimAsync(TogglrDbContext db, Guid person, string key, byte[] hash, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (expired, abandoned) = (now - Kept, now - Abandoned);
        await db.Idempotency
            .Where(row => row.PrincipalId == person && row.Key == key && (row.CreatedAt < expired || (row.Status == null && row.CreatedAt < abandoned)))
            .ExecuteDeleteAsync(cancel);
        return await db.Database.ExecuteSqlAsync(
            $"INSERT INTO idempotency (principal_id, key, request_hash, created_at) VALUES ({person}, {key}, {hash}, {now}) ON CONFLICT DO NOTHING", cancel) == 1;
    }

    private static async Task ExecuteAsync(HttpContext http, RequestDelegate next, TogglrDbContext db, AnswerSeal seal, Guid person, string key)
    {
        var wire = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var body = new MemoryStream();
        var capture = new StreamResponseBodyFeature(body);
        http.Features.Set<IHttpResponseBodyFeature>(capture);
        var mine = db.Idempotency.Where(row => row.PrincipalId == person && row.Key == key);
        try
        {
            await next(http);
            await capture.CompleteAsync();
        }
        catch
        {
            await mine.ExecuteDeleteAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            http.Features.Set(wire);
        }

        var response = http.Response;
        var answer = body.ToArray();
        if (response.StatusCode >= 500)
        {
            await mine.ExecuteDeleteAsync(CancellationToken.None);
        }
        else
        {
            var (status, tag, place, type) = (response.StatusCode, NullIfEmpty(response.Headers.ETag), NullIfEmpty(response.Headers.Location), response.ContentType);
            var kept = seal.Seal(answer, person, key);
            // The change is committed: whether the client still listens does not matter to the answer that a repetition gets.
            await mine.ExecuteUpdateAsync(
                row => row.SetProperty(it => it.Status, status).SetProperty(it => it.EntityTag, tag).SetProperty(it => it.Location, place)
                    .SetProperty(it => it.ContentType, type).SetProperty(it => it.Body, kept),
                CancellationToken.None);
        }
        await response.Body.WriteAsync(answer, http.RequestAborted);
    }

    private static async Task ReplayAsync(HttpContext http, IdempotencyRecord record, byte[] body)
    {
        http.Response.StatusCode = record.Status!.Value;
        http.Response.ContentType = record.ContentType;
        if (record.EntityTag is not null)
            http.Response.Headers.ETag = record.EntityTag;
        if (record.Location is not null)
            http.Response.Headers.Location = record.Location;
        http.Response.Headers["Idempotency-Replayed"] = "true";
        if (body.Length > 0)
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpContext http, AnswerSeal seal)
    {
        http.Request.EnableBuffering();
        using var hash = seal.BeginHash();
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
            hash.AppendData(buffer, 0, read);
        http.Request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    private static string? NullIfEmpty(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();
}
