import type { ProviderKind } from '../api/types'

/** One setting of a protocol: where it stands in the settings, and how it is entered. */
export type Field = {
  /** Path in `settings`, with dots; a secret's name. */
  name: string
  input: 'text' | 'list' | 'lines' | 'switch' | 'number' | 'choice' | 'block' | 'certificates' | 'secret'
  choices?: string[]
  required?: boolean
  advanced?: boolean
  /** What the server takes when it is left out; shown as a placeholder. */
  preset?: string
}

export const fields: Record<ProviderKind, Field[]> = {
  oidc: [
    { name: 'issuer', input: 'text', required: true, preset: 'https://login.example.com' },
    { name: 'clientId', input: 'text', required: true },
    { name: 'clientSecret', input: 'secret' },
    { name: 'trustEmail', input: 'switch' },
    { name: 'scopes', input: 'list', advanced: true, preset: 'openid email profile' },
    { name: 'clientAuthentication', input: 'choice', choices: ['basic', 'post', 'none'], advanced: true },
    { name: 'claims.groups', input: 'text', advanced: true, preset: 'groups' },
    { name: 'claims.email', input: 'text', advanced: true, preset: 'email' },
    { name: 'claims.emailVerified', input: 'text', advanced: true, preset: 'email_verified' },
    { name: 'claims.name', input: 'text', advanced: true, preset: 'name' },
    { name: 'prompt', input: 'choice', choices: ['', 'login', 'consent', 'select_account'], advanced: true },
  ],
  saml: [
    { name: 'metadataUrl', input: 'text', preset: 'https://login.example.com/metadata.xml' },
    { name: 'metadataXml', input: 'block' },
    { name: 'entityId', input: 'text' },
    { name: 'signInUrl', input: 'text' },
    { name: 'certificates', input: 'certificates' },
    { name: 'signRequests', input: 'switch', advanced: true },
    { name: 'requireEncryption', input: 'switch', advanced: true },
    { name: 'forceAuthn', input: 'switch', advanced: true },
    { name: 'allowIdpInitiated', input: 'switch', advanced: true },
    { name: 'attributes.email', input: 'text', advanced: true },
    { name: 'attributes.name', input: 'text', advanced: true },
    { name: 'attributes.groups', input: 'text', advanced: true },
    { name: 'nameIdFormat', input: 'text', advanced: true },
  ],
  ldap: [
    { name: 'preset', input: 'choice', choices: ['openldap', 'activeDirectory'] },
    { name: 'urls', input: 'lines', required: true, preset: 'ldaps://directory.example.com:636' },
    { name: 'security', input: 'choice', choices: ['', 'ldaps', 'starttls', 'none'] },
    { name: 'bindDn', input: 'text', preset: 'cn=togglr,ou=services,dc=example,dc=com' },
    { name: 'bindPassword', input: 'secret' },
    { name: 'baseDn', input: 'text', required: true, preset: 'ou=people,dc=example,dc=com' },
    { name: 'syncMinutes', input: 'number' },
    { name: 'userFilter', input: 'text', advanced: true },
    { name: 'disabledFilter', input: 'text', advanced: true },
    { name: 'caCertificate', input: 'block', advanced: true },
    { name: 'attributes.id', input: 'text', advanced: true },
    { name: 'attributes.username', input: 'text', advanced: true },
    { name: 'attributes.email', input: 'text', advanced: true },
    { name: 'attributes.name', input: 'text', advanced: true },
    { name: 'groups.source', input: 'choice', choices: ['', 'memberOf', 'search', 'none'], advanced: true },
    { name: 'groups.attribute', input: 'text', advanced: true },
    { name: 'groups.baseDn', input: 'text', advanced: true },
    { name: 'groups.filter', input: 'text', advanced: true },
    { name: 'groups.nameAttribute', input: 'text', advanced: true },
    { name: 'pageSize', input: 'number', advanced: true },
    { name: 'connectTimeoutSeconds', input: 'number', advanced: true },
    { name: 'timeoutSeconds', input: 'number', advanced: true },
    { name: 'maximumDeactivationPercent', input: 'number', advanced: true },
  ],
  scim: [],
}

type Tree = Record<string, unknown>

/** The setting at a path with dots. */
export function settingAt(settings: Tree, name: string): unknown {
  return name.split('.').reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Tree)[part] : undefined), settings)
}

/** The settings with another value at a path; what is empty is left out, so that the server fills it in. */
export function withSetting(settings: Tree, name: string, value: unknown): Tree {
  const [first = '', ...rest] = name.split('.')
  const empty = value === '' || value === undefined || value === null || (Array.isArray(value) && value.length === 0)
  const inner = rest.length === 0 ? value : withSetting((settings[first] as Tree | undefined) ?? {}, rest.join('.'), value)
  const { [first]: _, ...others } = settings
  return (rest.length === 0 && empty) || (rest.length > 0 && Object.keys(inner as Tree).length === 0) ? others : { ...settings, [first]: inner }
}
