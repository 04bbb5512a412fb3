using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>
/// Reads XML that may be hostile: no document type, no entities, nothing fetched, limits of size and depth. Comments and processing instructions are left out while reading, so that no text is
/// ever cut in two by one.
/// </summary>
internal static class SamlXml
{
    /// <summary>Largest document in characters.</summary>
    public const int LargestDocument = 512 * 1024;

    private const int DeepestElement = 64;
    private const int MostElements = 20_000;
    private const int MostAttributes = 100;

    /// <summary>A document; null when it is none, or too large or deep.</summary>
    public static XmlDocument? Parse(ReadOnlySpan<byte> xml, int largest = LargestDocument)
    {
        if (xml.Length > largest)
            return null;
        try
        {
            var bytes = xml.ToArray();
            if (!IsModest(bytes, largest))
                return null;
            var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
            using var reader = Reader(bytes, largest);
            document.Load(reader);
            return document.DocumentElement is null ? null : document;
        }
        catch (Exception exception) when (exception is XmlException or DecoderFallbackException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The child elements with a name.</summary>
    public static IEnumerable<XmlElement> Children(XmlElement parent, string name, string space) =>
        parent.ChildNodes.OfType<XmlElement>().Where(child => child.LocalName == name && child.NamespaceURI == space);

    /// <summary>The only child element with a name; null when there is none or more than one.</summary>
    public static XmlElement? Child(XmlElement parent, string name, string space) =>
        Children(parent, name, space).Take(2).ToArray() is [var only] ? only : null;

    /// <summary>An attribute; null when it is not there.</summary>
    public static string? Attribute(XmlElement element, string name) => element.HasAttribute(name) ? element.GetAttribute(name) : null;

    /// <summary>The whole text of an element without elements inside; null when it has some.</summary>
    public static string? Text(XmlElement element) => element.ChildNodes.OfType<XmlElement>().Any() ? null : element.InnerText;

    /// <summary>All elements with a name, at any depth, the root included.</summary>
    public static int Count(XmlDocument document, string name, string space) => document.GetElementsByTagName(name, space).Count;

    /// <summary>Whether each identifier is there once, whatever the spelling of the attribute: what a reference means is then not a matter of opinion.</summary>
    public static bool HasUniqueIds(XmlDocument document)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return document.GetElementsByTagName("*").OfType<XmlElement>().SelectMany(static element => element.Attributes.OfType<XmlAttribute>())
            .Where(static attribute => attribute.LocalName.Equals("id", StringComparison.OrdinalIgnoreCase)).All(attribute => seen.Add(attribute.Value));
    }

    /// <summary>The canonical form of an element as it stands in its document (exclusive, without comments).</summary>
    /// <param name="element">The element.</param>
    /// <param name="prefixes">Prefixes that are treated as in the inclusive form; null for none.</param>
    /// <param name="without">A child that is left out: the enveloped signature.</param>
    public static byte[] Canonicalize(XmlElement element, string? prefixes, XmlElement? without = null)
    {
        var copy = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        var root = (XmlElement)copy.ImportNode(element, deep: true);
        copy.AppendChild(root);
        if (without is not null)
        {
            var place = element.ChildNodes.Cast<XmlNode>().TakeWhile(node => node != without).Count();
            root.RemoveChild(root.ChildNodes[place]!);
        }
        // What the ancestors declare belongs to the element too; the canonical form leaves out what it does not use.
        for (var ancestor = element.ParentNode as XmlElement; ancestor is not null; ancestor = ancestor.ParentNode as XmlElement)
        {
            foreach (var declaration in ancestor.Attributes.OfType<XmlAttribute>().Where(static attribute => attribute.NamespaceURI == "http://www.w3.org/2000/xmlns/"))
            {
                if (!root.HasAttribute(declaration.Name))
                    root.SetAttribute(declaration.Name, declaration.Value);
            }
        }
        var transform = new XmlDsigExcC14NTransform(includeComments: false, prefixes ?? "") { Resolver = null };
        transform.LoadInput(copy);
        using var stream = (Stream)transform.GetOutput(typeof(Stream));
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    // Looked through once before anything is built of it.
    private static bool IsModest(byte[] xml, int largest)
    {
        using var reader = Reader(xml, largest);
        var elements = 0;
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && (++elements > MostElements || reader.Depth > DeepestElement || reader.AttributeCount > MostAttributes))
                return false;
        }
        return true;
    }

    private static XmlReader Reader(byte[] xml, int largest) => XmlReader.Create(new MemoryStream(xml), new XmlReaderSettings
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = largest, MaxCharactersFromEntities = 0, IgnoreComments = true, IgnoreProcessingInstructions = true,
        CloseInput = true,
    });
}
