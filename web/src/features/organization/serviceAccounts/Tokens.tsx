import { Badge, Button, Group, NativeSelect, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '../texts/messages'
import { serviceAccountTokensQuery, useServiceAccountActions } from '../api/serviceAccounts'
import type { ServiceAccountTokenView, ServiceAccountView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { SecretDialog } from '../parts/SecretDialog'
import { Section } from '../parts/Section'

const days = [30, 90, 365] as const

/** The tokens with which a service account acts. */
export function Tokens({ org, account, canManage }: { org: string; account: ServiceAccountView; canManage: boolean }) {
  const m = useMessages()
  const t = m.serviceAccounts
  const tokens = useQuery(serviceAccountTokensQuery(org, account.id))
  const { createToken } = useServiceAccountActions(org, account.id)
  const [creating, setCreating] = useState(false)
  const [name, setName] = useState('')
  const [expires, setExpires] = useState('90')
  const [secret, setSecret] = useState<string | null>(null)
  const alive = (tokens.data ?? []).filter(({ revokedAt }) => revokedAt === null)

  const create = () =>
    createToken.mutate(
      {
        name: name.trim(),
        expiresAt: expires === '' ? null : new Date(Date.now() + Number(expires) * 86_400_000).toISOString(),
      },
      {
        onSuccess: (token) => {
          setCreating(false)
          setName('')
          setSecret(token.secret ?? '')
        },
        onError: (error) => showAccessError(error, m),
      },
    )

  return (
    <Section
      title={t.tokens}
      text={t.tokensText}
      action={
        canManage && (
          <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} disabled={account.disabledAt !== null} onClick={() => setCreating(true)}>
            {t.newToken}
          </Button>
        )
      }
    >
      {tokens.isPending ? (
        <Skeleton height={44} />
      ) : tokens.isError ? (
        <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : alive.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.noTokens}
        </Text>
      ) : (
        <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label={t.tokens}>
          {alive.map((token) => (
            <TokenRow key={token.id} org={org} account={account} token={token} canManage={canManage} />
          ))}
        </ul>
      )}
      <Dialog
        opened={creating}
        onClose={() => setCreating(false)}
        title={<Text fw={650}>{t.newToken}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') {
              create()
            }
          }}
        >
          <Stack>
            <TextInput
              label={t.tokenName}
              placeholder={t.tokenPlaceholder}
              value={name}
              maxLength={100}
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NativeSelect
              label={t.expires}
              value={expires}
              onChange={(event) => setExpires(event.currentTarget.value)}
              data={[...days.map((count) => ({ value: String(count), label: t.inDays(count) })), { value: '', label: t.neverExpires }]}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setCreating(false)}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={name.trim() === ''} loading={createToken.isPending}>
                {m.common.create}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
      <SecretDialog
        title={t.secretTitle}
        text={t.secretText}
        secret={secret}
        onClose={() => {
          setSecret(null)
          createToken.reset()
        }}
      />
    </Section>
  )
}

type RowProps = { org: string; account: ServiceAccountView; token: ServiceAccountTokenView; canManage: boolean }

function TokenRow({ org, account, token, canManage }: RowProps) {
  const m = useMessages()
  const t = m.serviceAccounts
  const confirm = useConfirm()
  const { revokeToken } = useServiceAccountActions(org, account.id)
  const expired = token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now()
  const revoke = async () => {
    if (await confirm({ title: t.revokeTitle(token.name), text: t.revokeText, confirm: m.environments.revoke, danger: true })) {
      revokeToken.mutate(token.id, {
        onSuccess: () => showDone(m.environments.revoked(token.name), m),
        onError: (error) => showAccessError(error, m),
      })
    }
  }
  return (
    <Group component="li" justify="space-between" py={6} gap="xs" wrap="nowrap">
      <Group gap="sm" wrap="nowrap" miw={0}>
        <IconKey size={17} aria-hidden style={{ flex: 'none' }} />
        <div style={{ minWidth: 0 }}>
          <Group gap={6}>
            <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {token.name}
            </Text>
            {expired && (
              <Badge size="xs" variant="light" color="orange" tt="none">
                {m.environments.states.expired}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed" component="div">
            {t.created} <RelativeTime at={token.createdAt} /> · {t.lastUsed}:{' '}
            {token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : m.common.never}
            {token.expiresAt && (
              <>
                {' · '}
                {t.expires}: <RelativeTime at={token.expiresAt} />
              </>
            )}
          </Text>
        </div>
      </Group>
      {canManage && (
        <Button size="compact-sm" variant="subtle" color="red" loading={revokeToken.isPending} aria-label={`${m.environments.revoke}: ${token.name}`} onClick={() => void revoke()}>
          {m.environments.revoke}
        </Button>
      )}
    </Group>
  )
}
