import { Button, Divider, Stack, Text } from '@mantine/core'
import { IconAddressBook, IconExternalLink, IconShieldLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMessages } from '../i18n/messages'
import { providersQuery } from './settings'

export type Provider = { id: string; name: string; kind: string; startUrl?: string | null }

type Props = {
  /** Its domain adds providers. */
  email: string
  org?: string
  /** Where to go on, on this site. */
  returnTo: string
  /** Whether the provider opens beside the page, which then stays as it is. */
  beside?: boolean
  /** Whether something stands above, from which the buttons are to be parted. */
  divided?: boolean
  /** What to say where there is no such way. */
  empty?: string
  onDirectory: (provider: Provider) => void
}

/** The ways in by somebody else's word: single sign-on and directories. */
export function Providers({ email, org, returnTo, beside = false, divided = true, empty, onDirectory }: Props) {
  const m = useMessages()
  const { data = [], isSuccess } = useQuery({ ...providersQuery(email, org), placeholderData: (previous) => previous })
  if (data.length === 0) {
    return isSuccess && empty !== undefined ? <Text size="sm">{empty}</Text> : null
  }
  const start = (provider: Provider) => {
    const url = new URL(provider.startUrl ?? '', location.origin)
    // An address of another origin would be a fault of the server's; following it would be one of the page's.
    if (url.origin !== location.origin) {
      return
    }
    url.searchParams.set('returnTo', beside ? '/signed-in' : returnTo)
    if (!beside || window.open(url, '_blank', 'popup,width=540,height=760') === null) {
      location.assign(url)
    }
  }
  return (
    <Stack gap="xs">
      {divided && <Divider label={m.signIn.or} labelPosition="center" my={4} />}
      {data.map((provider) => (
        <Button
          key={provider.id}
          variant="default"
          fullWidth
          leftSection={provider.kind === 'ldap' ? <IconAddressBook size={17} aria-hidden /> : <IconShieldLock size={17} aria-hidden />}
          rightSection={beside && provider.kind !== 'ldap' ? <IconExternalLink size={15} aria-hidden /> : undefined}
          onClick={() => (provider.kind === 'ldap' ? onDirectory(provider) : start(provider))}
        >
          {m.signIn.with(provider.name)}
        </Button>
      ))}
    </Stack>
  )
}
