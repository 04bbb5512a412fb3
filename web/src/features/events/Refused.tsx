import { Button, Chip, Code, Group, Paper, Skeleton, Table, Text } from '@mantine/core'
import { IconMailOff } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import type { Scope } from '@/shared/project/scope'
import { deadLettersQuery } from './events'
import { useEventsTexts } from './texts/useEventsTexts'

/** Events that could not be used, and why. */
export function Refused({ scope, environment }: { scope: Scope; environment: string }) {
  const t = useEventsTexts()
  const [code, setCode] = useState('')
  const letters = useInfiniteQuery(deadLettersQuery(scope, environment, code === '' ? undefined : code))
  if (letters.data === undefined) {
    return letters.isError ? <ErrorState error={letters.error} onRetry={() => void letters.refetch()} /> : <Skeleton h={240} />
  }
  const items = letters.data.pages.flatMap((page) => page.items)
  const codes = Object.entries(letters.data.pages[0]?.codes ?? {}).sort(([, left], [, right]) => right - left)
  if (items.length === 0 && code === '') {
    return (
      <Paper className="surface">
        <EmptyState icon={IconMailOff} title={t.refusedNone} text={t.refusedNoneText} />
      </Paper>
    )
  }
  return (
    <>
      <Chip.Group value={code} onChange={(value) => setCode(value as string)}>
        <Group gap="xs" role="radiogroup" aria-label={t.code}>
          <Chip value="">{t.allCodes}</Chip>
          {codes.map(([name, count]) => (
            <Chip key={name} value={name}>
              {name} · {count}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.views.refused}>
        <Table verticalSpacing="xs" horizontalSpacing="md" aria-label={t.views.refused} miw={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.at}</Table.Th>
              <Table.Th>{t.code}</Table.Th>
              <Table.Th>{t.where}</Table.Th>
              <Table.Th>{t.content}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((letter) => (
              <Table.Tr key={letter.id}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  <RelativeTime at={letter.receivedAt} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{letter.message}</Text>
                  <Text size="xs" c="dimmed">
                    {letter.code}
                  </Text>
                </Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <Code>{letter.path === '' ? '/' : letter.path}</Code>
                </Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }} maw={420}>
                  <Code>{JSON.stringify({ type: letter.kind, ...(letter.content as object) })}</Code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
      {letters.hasNextPage && (
        <Button variant="default" loading={letters.isFetchingNextPage} onClick={() => void letters.fetchNextPage()} style={{ alignSelf: 'center' }}>
          {t.more}
        </Button>
      )}
    </>
  )
}
