import { IconAddressBook, IconCertificate, IconFingerprint, IconRefresh, type TablerIcon } from '@tabler/icons-react'
import type { ProviderKind } from '../api/types'

/** The protocols under their own names, which are the same in every language. */
export const kinds: { kind: ProviderKind; name: string; icon: TablerIcon }[] = [
  { kind: 'oidc', name: 'OpenID Connect', icon: IconFingerprint },
  { kind: 'saml', name: 'SAML 2.0', icon: IconCertificate },
  { kind: 'ldap', name: 'LDAP / Active Directory', icon: IconAddressBook },
  { kind: 'scim', name: 'SCIM 2.0', icon: IconRefresh },
]

export const kindName = (kind: string) => kinds.find((item) => item.kind === kind)?.name ?? kind
