using System.Xml;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>Reads an assertion whose signature was verified.</summary>
internal static class SamlAssertion
{
    private const int LongestSubject = 500;
    private const int MostGroups = 5000;

    private static readonly string[] EmailNames =
    [
        "email", "mail", "emailAddress", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:1.2.840.113549.1.9.1",
    ];

    private static readonly string[] PersonNames =
    [
        "displayName", "name", "http://schemas.microsoft.com/identity/claims/displayname", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "urn:oid:2.16.840.1.113730.3.1.241", "cn", "urn:oid:2.5.4.3",
    ];

    private static readonly string[] GroupNames =
    [
        "groups", "group", "memberOf", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", "http://schemas.xmlsoap.org/claims/Group", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
    ];

    /// <summary>Checks whom and what it is for, and reads what it says.</summary>
    public static SamlOutcome Read(XmlElement assertion, SamlExpectation expected, TimeSpan skew)
    {
        if (SamlXml.Attribute(assertion, "Version") != "2.0" || SamlXml.Attribute(assertion, "ID") is not { Length: > 0 and <= 500 } id)
            return SamlOutcome.Refused("saml.version");
        if (SamlXml.Child(assertion, "Issuer", SamlNames.Assertion) is not { } issuer || SamlXml.Text(issuer) != expected.Settings.EntityId)
            return SamlOutcome.Refused("saml.issuer");
        if (ConditionsFault(assertion, expected, skew) is { } condition)
            return SamlOutcome.Refused(condition);
        if (SamlXml.Child(assertion, "Subject", SamlNames.Assertion) is not { } subject)
            return SamlOutcome.Refused("saml.subject");
        var (goodUntil, unconfirmed) = Confirmation(subject, expected, skew);
        if (unconfirmed is not null)
            return SamlOutcome.Refused(unconfirmed);
        var statements = SamlXml.Children(assertion, "AuthnStatement", SamlNames.Assertion).ToArray();
        if (statements.Length == 0 || statements.Any(statement => statement.HasAttribute("SessionNotOnOrAfter") && !(SamlResponse.Time(statement, "SessionNotOnOrAfter") > expected.Now - skew)))
            return SamlOutcome.Refused("saml.authentication");

        if (SamlXml.Child(subject, "NameID", SamlNames.Assertion) is not { } name || SamlXml.Text(name)?.Trim() is not { Length: > 0 and <= LongestSubject } value)
            return SamlOutcome.Refused("saml.subject");
        var format = SamlXml.Attribute(name, "Format");
        if (format == SamlNames.TransientFormat)
            return SamlOutcome.Refused("saml.transient_subject");
        return new SamlOutcome(PersonOf(assertion, value, format, expected.Settings.Attributes), id, goodUntil + skew, null);
    }

    private static string? ConditionsFault(XmlElement assertion, SamlExpectation expected, TimeSpan skew)
    {
        if (SamlXml.Child(assertion, "Conditions", SamlNames.Assertion) is not { } conditions)
            return "saml.conditions";
        if (conditions.HasAttribute("NotBefore") && !(SamlResponse.Time(conditions, "NotBefore") <= expected.Now + skew))
            return "saml.not_before";
        if (conditions.HasAttribute("NotOnOrAfter") && !(SamlResponse.Time(conditions, "NotOnOrAfter") > expected.Now - skew))
            return "saml.expired";
        var restrictions = 0;
        foreach (var condition in conditions.ChildNodes.OfType<XmlElement>())
        {
            switch (condition.NamespaceURI == SamlNames.Assertion ? condition.LocalName : "")
            {
                case "AudienceRestriction":
                    restrictions++;
                    if (!SamlXml.Children(condition, "Audience", SamlNames.Assertion).Any(audience => SamlXml.Text(audience) == expected.EntityId))
                        return "saml.audience";
                    break;
                case "OneTimeUse" or "ProxyRestriction":
                    break;
                default:
                    // A condition that is not understood cannot be said to hold.
                    return "saml.conditions";
            }
        }
        return restrictions > 0 ? null : "saml.audience";
    }

    private static (DateTimeOffset GoodUntil, string? Error) Confirmation(XmlElement subject, SamlExpectation expected, TimeSpan skew)
    {
        var error = "saml.confirmation";
        foreach (var confirmation in SamlXml.Children(subject, "SubjectConfirmation", SamlNames.Assertion))
        {
            if (SamlXml.Attribute(confirmation, "Method") != SamlNames.Bearer || SamlXml.Child(confirmation, "SubjectConfirmationData", SamlNames.Assertion) is not { } data)
                continue;
            if (SamlXml.Attribute(data, "Recipient") != expected.Acs)
                error = "saml.recipient";
            else if (SamlResponse.Time(data, "NotOnOrAfter") is not { } ends || ends <= expected.Now - skew)
                error = "saml.expired";
            else if (data.HasAttribute("NotBefore"))
                error = "saml.confirmation";
            else if (SamlXml.Attribute(data, "InResponseTo") != expected.RequestId)
                error = "saml.in_response_to";
            else
                return (ends, null);
        }
        return (default, error);
    }

    private static SamlPerson PersonOf(XmlElement assertion, string subject, string? format, SamlAttributes names)
    {
        var attributes = SamlXml.Children(assertion, "AttributeStatement", SamlNames.Assertion).SelectMany(static statement => SamlXml.Children(statement, "Attribute", SamlNames.Assertion))
            .Select(static attribute => (Name: attribute.GetAttribute("Name"), Values: SamlXml.Children(attribute, "AttributeValue", SamlNames.Assertion).Select(static value => SamlXml.Text(value)?.Trim()).OfType<string>().Where(static value => value.Length > 0).ToArray()))
            .ToArray();
        string[] Values(string? chosen, string[] usual) => (chosen is null ? usual : [chosen])
            .Select(name => attributes.Where(attribute => attribute.Name == name).SelectMany(static attribute => attribute.Values).ToArray()).FirstOrDefault(static values => values.Length > 0) ?? [];
        var email = Values(names.Email, EmailNames) is [var address, ..] ? address : names.Email is null && format == SamlNames.EmailFormat ? subject : null;
        return new SamlPerson(subject, email, Values(names.Name, PersonNames) is [var name, ..] ? name : null, [.. Values(names.Groups, GroupNames).Take(MostGroups)]);
    }
}
