import { Badge, Button, Group, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone } from '@/shared/components/feedback'
import { hasDraft } from '@/shared/drafts/storedDraft'
import { useMessages } from '../texts/messages'
import { providerQuery, useProviderActions } from '../api/providers'
import type { IdentityProviderView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { BackLink } from '../parts/BackLink'
import { CopyField } from '../parts/CopyField'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'
import { kindName } from './kinds'
import { draftPlaceOf } from './providerDraft'
import { ProviderForm } from './ProviderForm'
import { ProviderTest } from './ProviderTest'
import { ScimToken } from './ScimToken'
import { Syncs } from './Syncs'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/o/$org/sign-in/$provider')

export function ProviderPage() {
  const m = useMessages()
  const t = useTexts()
  const { org, provider: key } = route.useParams()
  const query = useQuery(providerQuery(org, key))
  if (query.isError && query.data === undefined) {
    return <ErrorState page error={query.error} onRetry={() => void query.refetch()} />
  }
  const provider = query.data
  if (provider === undefined) {
    return (
      <SettingsPage title={m.common.loading} width={900}>
        <Skeleton height={300} />
      </SettingsPage>
    )
  }
  return (
    <SettingsPage
      width={900}
      title={provider.name}
      subtitle={
        <Group gap="xs">
          {kindName(provider.kind)}
          <CopyKey value={provider.key} />
          <Badge size="sm" variant="light" tt="none" color={provider.enabled ? 'teal' : 'gray'}>
            {provider.enabled ? m.common.on : m.common.off}
          </Badge>
        </Group>
      }
      action={<BackLink to="/o/$org/sign-in" org={org} text={t.providers.title} />}
    >
      <Stack>
        <ProviderUrls provider={provider} />
        {provider.kind === 'scim' && <ScimToken org={org} provider={provider} />}
        <ProviderTest org={org} provider={provider} />
        {provider.kind === 'ldap' && <Syncs org={org} provider={provider} />}
        <EditProvider key={provider.key} org={org} provider={provider} />
      </Stack>
    </SettingsPage>
  )
}

/** What is to be entered at the provider. */
function ProviderUrls({ provider }: { provider: IdentityProviderView }) {
  const m = useMessages()
  const t = useTexts()
  const shown = (['redirectUri', 'acsUrl', 'entityId', 'metadataUrl', 'scimUrl'] as const).filter((name) => provider.urls[name])
  if (shown.length === 0) {
    return null
  }
  return (
    <Section title={t.providers.urls} text={t.providers.urlsText}>
      <Stack gap="sm" maw={680}>
        {shown.map((name) => (
          <CopyField key={name} label={m.providerUrls[name]} value={absoluteUrl(provider.urls[name] ?? '')} />
        ))}
      </Stack>
    </Section>
  )
}

// The server may not know by which address people reach it: then it gives paths.
const absoluteUrl = (url: string) => (url.startsWith('/') ? location.origin + url : url)

function EditProvider({ org, provider }: { org: string; provider: IdentityProviderView }) {
  const m = useMessages()
  const t = useTexts()
  const confirm = useConfirm()
  const navigate = route.useNavigate()
  const { update, remove } = useProviderActions(org, provider.key)
  // An untouched form follows what somebody else saves; a touched one stays, and cannot be saved over theirs unseen.
  const [from, setFrom] = useState(provider)
  const [touched, setTouched] = useState(() => hasDraft(draftPlaceOf(org, provider.kind, provider.key)))
  if (!touched && from.version !== provider.version) {
    setFrom(provider)
  }
  const drop = async () => {
    if (
      await confirm({
        title: t.providers.deleteTitle(provider.name),
        text: t.providers.deleteText,
        confirm: t.providers.delete,
        danger: true,
      })
    ) {
      remove.mutate(undefined, {
        onSuccess: () => {
          showDone(t.providers.deleted(provider.name), m)
          void navigate({ to: '/o/$org/sign-in', params: { org } })
        },
        onError: (error) => showAccessError(error, m),
      })
    }
  }
  return (
    <ProviderForm
      key={from.version}
      org={org}
      kind={provider.kind}
      provider={from}
      onTouch={() => setTouched(true)}
      busy={update.isPending}
      error={update.error}
      submit={m.common.save}
      onSubmit={({ key: _, ...body }) =>
        // The form shows errors itself.
        update.mutateAsync({ ...body, version: from.version }).then(
          () => {
            setTouched(false)
            showDone(m.access.saved, m)
          },
          () => undefined,
        )
      }
    >
      <Button color="red" variant="light" ml="auto" loading={remove.isPending} onClick={() => void drop()}>
        {t.providers.delete}
      </Button>
    </ProviderForm>
  )
}
