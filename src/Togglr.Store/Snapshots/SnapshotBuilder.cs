using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Togglr.Store;

/// <summary>Puts documents together without parsing them: they are JSON already, however large.</summary>
internal sealed class SnapshotBuilder
{
    private static readonly string[] Kinds = ["flag", "segment", "experiment"];

    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private string? _kind;

    internal void Begin(string project, string environment, long revision, string salt)
    {
        Write("{\"schemaVersion\":1,\"project\":"u8);
        WriteText(project);
        Write(",\"environment\":"u8);
        WriteText(environment);
        Write(",\"revision\":"u8);
        WriteNumber(revision);
        Write(",\"salt\":"u8);
        WriteText(salt);
    }

    internal void BeginPatch(long from, long revision)
    {
        Write("{\"from\":"u8);
        WriteNumber(from);
        Write(",\"revision\":"u8);
        WriteNumber(revision);
    }

    /// <summary>Reads rows of kind, key and body, in the order of kinds; a null body is a removal.</summary>
    internal async Task AddAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            BeginDocument(reader.GetString(0), reader.GetString(1));
            if (await reader.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false))
            {
                Write("null"u8);
                continue;
            }

            var body = await reader.GetStreamAsync(2, cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                int read;
                while ((read = await body.ReadAsync(_output.GetMemory(4096), cancellationToken).ConfigureAwait(false)) > 0)
                    _output.Advance(read);
            }
        }
    }

    internal ReadOnlyMemory<byte> End()
    {
        if (_kind is not null)
            Write("}"u8);
        Write("}"u8);
        return _output.WrittenMemory;
    }

    private void BeginDocument(string kind, string key)
    {
        if (kind == _kind)
        {
            Write(","u8);
        }
        else
        {
            if (Array.IndexOf(Kinds, kind) < 0)
                throw new InvalidDataException($"Unknown kind of document: {kind}.");
            Write(_kind is null ? ",\""u8 : "},\""u8);
            Write(Encoding.UTF8.GetBytes(kind));
            Write("s\":{"u8);
            _kind = kind;
        }

        WriteText(key);
        Write(":"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    private void WriteText(string text) => Write(JsonSerializer.SerializeToUtf8Bytes(text));

    private void WriteNumber(long number)
    {
        Utf8Formatter.TryFormat(number, _output.GetSpan(20), out var written);
        _output.Advance(written);
    }
}
