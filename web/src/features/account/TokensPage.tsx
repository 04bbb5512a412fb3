import { Badge, Button, Group, Skeleton, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import classes from './AccountPage.module.css'
import { CreateTokenDialog } from './CreateTokenDialog'
import { Section } from './Section'
import { tokensQuery, useTokenActions, type TokenView } from './tokens'

const soon = 7 * 86_400_000

export function TokensPage() {
  const m = useMessages()
  const confirm = useConfirm()
  const list = useInfiniteQuery(tokensQuery)
  const { data: me } = useQuery(meQuery)
  const { revoke } = useTokenActions()
  const [creating, setCreating] = useState(false)
  const [now] = useState(() => Date.now())
  const tokens = list.data?.pages.flatMap((page) => page.items) ?? []
  const possible = me?.organizations.some(({ requirement }) => requirement === null) ?? false

  const ask = async (token: TokenView) => {
    if (
      await confirm({
        title: m.tokens.revokeTitle(token.name),
        text: m.tokens.revokeText(`${token.prefix}…`),
        confirm: m.tokens.revoke,
        danger: true,
      })
    ) {
      revoke.mutate(token.id, {
        onSuccess: () => showDone(m.tokens.revoked(token.name), m),
        onError: (error) => showError(m.errors.title, error, m),
      })
    }
  }

  const create = possible && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
      {m.tokens.create}
    </Button>
  )

  return (
    <Section title={m.tokens.title} text={m.tokens.text} action={tokens.length > 0 && create}>
      {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && (
        <Stack>
          <Skeleton height={48} />
          <Skeleton height={48} />
        </Stack>
      )}
      {list.isSuccess && tokens.length === 0 && (
        <EmptyState icon={IconKey} title={m.tokens.emptyTitle} text={possible ? m.tokens.emptyText : m.home.noneText}>
          {create}
        </EmptyState>
      )}
      <ul className={classes.rows}>
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} now={now} onRevoke={() => void ask(token)} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button variant="default" mt="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {m.common.loadMore}
        </Button>
      )}
      {creating && me !== undefined && <CreateTokenDialog me={me} onClose={() => setCreating(false)} />}
    </Section>
  )
}

function TokenRow({ token, now, onRevoke }: { token: TokenView; now: number; onRevoke: () => void }) {
  const m = useMessages()
  const left = token.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(token.expiresAt) - now
  return (
    <li className={classes.row} aria-label={token.name}>
      <ThemeIcon variant="light" color={left > 0 ? 'brand' : 'gray'} size={36} radius="md">
        <IconKey size={20} stroke={1.7} aria-hidden />
      </ThemeIcon>
      <div className={classes.grow}>
        <Group gap={8}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {token.name}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {token.prefix}…
          </Text>
          {left <= 0 ? (
            <Badge variant="light" tt="none" size="sm" color="gray">
              {m.tokens.expired}
            </Badge>
          ) : (
            left < soon && (
              <Badge variant="light" tt="none" size="sm" color="orange">
                {m.tokens.expiresSoon}
              </Badge>
            )
          )}
        </Group>
        <Text size="xs" c="dimmed" mt={2} style={{ overflowWrap: 'anywhere' }}>
          <span className="mono">{[token.organization, token.project, token.environment].filter((part) => part !== null).join(' / ')}</span>
          {' · '}
          <span title={token.permissions?.join(', ')}>
            {token.permissions === null ? m.tokens.everything : m.tokens.permissionCount(token.permissions.length)}
          </span>
        </Text>
        <Text size="xs" c="dimmed" component="div" mt={2}>
          {token.lastUsedAt === null ? (
            m.tokens.neverUsed
          ) : (
            <>
              {m.tokens.lastUsed} <RelativeTime at={token.lastUsedAt} />
              {token.lastUsedAddress !== null && (
                <>
                  {' · '}
                  <span className="mono">{token.lastUsedAddress}</span>
                </>
              )}
            </>
          )}
          {' · '}
          {token.expiresAt === null ? (
            m.tokens.neverExpires
          ) : (
            <>
              {left > 0 ? m.tokens.expires : m.tokens.expired} <RelativeTime at={token.expiresAt} />
            </>
          )}
        </Text>
      </div>
      <Button
        className={classes.action}
        variant="subtle"
        color="red"
        c="var(--mantine-color-error)"
        size="compact-sm"
        aria-label={m.tokens.revokeLabel(token.name)}
        onClick={onRevoke}
      >
        {m.tokens.revoke}
      </Button>
    </li>
  )
}
