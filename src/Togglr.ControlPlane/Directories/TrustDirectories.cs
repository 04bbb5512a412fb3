using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Togglr.ControlPlane.Directories;

/// <summary>Certificates as OpenLDAP's library takes them: files in a directory, named by the hash that OpenSSL looks for (GnuTLS reads any name). Private to this process and removed with it.</summary>
internal sealed class TrustDirectories : IDisposable
{
    private readonly Lock _gate = new();
    private string? _root;

    /// <summary>A directory with the certificates of a PEM text.</summary>
    public string Of(string pem)
    {
        lock (_gate)
        {
            _root ??= Directory.CreateTempSubdirectory("togglr-ldap-").FullName;
            var directory = Path.Combine(_root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pem))));
            if (Directory.Exists(directory))
                return directory;
            var unfinished = directory + ".new";
            Directory.CreateDirectory(unfinished);
            var number = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var certificate in LdapSettings.CertificatesOf(pem))
            {
                using (certificate)
                {
                    var hash = SubjectHash(certificate.SubjectName.RawData);
                    number[hash] = number.GetValueOrDefault(hash, -1) + 1;
                    File.WriteAllText(Path.Combine(unfinished, $"{hash}.{number[hash]}"), certificate.ExportCertificatePem());
                }
            }
            Directory.Move(unfinished, directory);
            return directory;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_root is not null && Directory.Exists(_root))
                Directory.Delete(_root, recursive: true);
            _root = null;
        }
    }

    /// <summary>What <c>openssl x509 -hash</c> prints: the first four bytes, reversed, of the SHA-1 of the name with texts in lower case, in UTF-8 and with single spaces.</summary>
    internal static string SubjectHash(ReadOnlyMemory<byte> name)
    {
        using var canonical = new MemoryStream();
        var parts = new AsnReader(name, AsnEncodingRules.BER).ReadSequence();
        while (parts.HasData)
        {
            var part = parts.ReadSetOf();
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSetOf())
            {
                while (part.HasData)
                {
                    var pair = part.ReadSequence();
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(pair.ReadObjectIdentifier());
                        WriteCanonical(writer, pair);
                    }
                }
            }
            canonical.Write(writer.Encode());
        }
#pragma warning disable CA5350 // The name of a file, not a protection.
        var hash = SHA1.HashData(canonical.GetBuffer().AsSpan(0, (int)canonical.Length));
#pragma warning restore CA5350
        return $"{System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(hash):x8}";
    }

    private static void WriteCanonical(AsnWriter writer, AsnReader value)
    {
        var tag = value.PeekTag();
        if (tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String or UniversalTagNumber.BMPString or UniversalTagNumber.PrintableString
            or UniversalTagNumber.T61String or UniversalTagNumber.IA5String or UniversalTagNumber.VisibleString)
        {
            var words = value.ReadCharacterString((UniversalTagNumber)tag.TagValue).Split((char[])[' ', '\t', '\n', '\v', '\f', '\r'], StringSplitOptions.RemoveEmptyEntries);
            var text = string.Concat(string.Join(' ', words).Select(static letter => char.IsAsciiLetterUpper(letter) ? (char)(letter | 0x20) : letter));
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, text);
        }
        else
        {
            writer.WriteEncodedValue(value.ReadEncodedValue().Span);
        }
    }
}
