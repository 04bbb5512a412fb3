// The yardstick: what Kestrel, its router and a JSON parser cost without Togglr.
//
//   bare-kestrel PORT [BYTES …]
//
// POST /answer/BYTES reads the whole body, walks every token of its JSON and answers a fixed body of that many bytes.
using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture));
});
var app = builder.Build();
foreach (var bytes in args.Skip(1).Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
{
    var answer = Encoding.ASCII.GetBytes(new string('a', bytes));
    app.MapPost($"/answer/{bytes}", async (HttpContext http) =>
    {
        var reader = http.Request.BodyReader;
        var body = await reader.ReadAsync();
        while (!body.IsCompleted)
        {
            reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
            body = await reader.ReadAsync();
        }

        Walk(body.Buffer);
        reader.AdvanceTo(body.Buffer.End);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Length;
        await http.Response.BodyWriter.WriteAsync(answer);
    });
}

await app.RunAsync();

static void Walk(ReadOnlySequence<byte> json)
{
    var tokens = new Utf8JsonReader(json);
    while (tokens.Read())
    {
    }
}
