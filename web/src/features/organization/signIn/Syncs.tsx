import { Badge, Button, Group, Loader, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import { useMessages } from '../texts/messages'
import { syncQuery, syncsQuery, useProviderActions } from '../api/providers'
import type { IdentityProviderView, SyncView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { Section } from '../parts/Section'
import { useTexts } from './texts/useTexts'

const colors = { running: 'brand', succeeded: 'teal', failed: 'red' } as const

/** The runs that bring the people of a directory here, with what each did. */
export function Syncs({ org, provider }: { org: string; provider: IdentityProviderView }) {
  const m = useMessages()
  const t = useTexts()
  const confirm = useConfirm()
  const { sync } = useProviderActions(org, provider.key)
  const syncs = useQuery(syncsQuery(org, provider.key))
  const [open, setOpen] = useState<string | null>(null)
  const running = syncs.data?.some(({ status }) => status === 'running') ?? false
  const start = async (force: boolean) => {
    if (!force || (await confirm({ title: t.providers.forceTitle, text: t.providers.forceText, confirm: t.providers.force, danger: true }))) {
      sync.mutate(force, { onSuccess: ({ id }) => setOpen(id), onError: (error) => showAccessError(error, m) })
    }
  }
  return (
    <Section
      title={t.providers.sync}
      text={t.providers.syncText}
      action={
        <Group gap="xs">
          {syncs.data?.[0]?.status === 'failed' && (
            <Button size="xs" variant="subtle" color="red" onClick={() => void start(true)}>
              {t.providers.force}
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={15} aria-hidden />}
            loading={sync.isPending}
            disabled={running}
            onClick={() => void start(false)}
          >
            {t.providers.syncNow}
          </Button>
        </Group>
      }
    >
      {syncs.isPending ? (
        <Skeleton height={40} />
      ) : syncs.isError ? (
        <ErrorState error={syncs.error} onRetry={() => void syncs.refetch()} />
      ) : syncs.data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.providers.noSyncs}
        </Text>
      ) : (
        <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t.providers.sync}>
          {syncs.data.map((run) => (
            <li key={run.id} style={{ borderTop: '1px solid var(--togglr-border)' }}>
              <UnstyledButton w="100%" py={8} aria-expanded={open === run.id} onClick={() => setOpen(open === run.id ? null : run.id)}>
                <Group gap="sm">
                  {open === run.id ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
                  <Badge variant="light" tt="none" color={colors[run.status]} leftSection={run.status === 'running' ? <Loader size={10} aria-hidden /> : undefined}>
                    {m.syncStatus[run.status]}
                  </Badge>
                  <Text size="sm" component="span">
                    <RelativeTime at={run.startedAt} />
                  </Text>
                  <Text size="xs" c="dimmed" component="span">
                    {t.providers.syncCounts(run.scanned, run.created, run.updated, run.deactivated, run.skipped)}
                  </Text>
                </Group>
              </UnstyledButton>
              {open === run.id && <SyncLog org={org} providerKey={provider.key} run={run} />}
            </li>
          ))}
        </Stack>
      )}
    </Section>
  )
}

function SyncLog({ org, providerKey, run }: { org: string; providerKey: string; run: SyncView }) {
  const { language } = useLanguage()
  const { data } = useQuery(syncQuery(org, providerKey, run.id))
  return (
    <div style={{ padding: '0 0 12px 27px' }}>
      {(data?.error ?? run.error) && (
        <Text size="sm" c="var(--mantine-color-error)" mb={6} style={{ overflowWrap: 'anywhere' }}>
          {data?.error ?? run.error}
        </Text>
      )}
      <div
        style={{ maxHeight: 260, overflow: 'auto', background: 'var(--togglr-subtle)', borderRadius: 8, padding: 10 }}
        className="mono"
        tabIndex={0}
        role="log"
      >
        {(data?.log ?? []).map((line, index) => (
          <div key={index} style={{ overflowWrap: 'anywhere', color: line.level === 'error' ? 'var(--mantine-color-error)' : undefined }}>
            {new Date(line.at).toLocaleTimeString(language)} {line.message}
          </div>
        ))}
      </div>
    </div>
  )
}
