import { Anchor, HoverCard, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMessages } from '../i18n/messages'
import { segmentCardQuery } from '../project/catalogue'
import { useScope } from '../project/scope'
import type { Condition } from './model'
import { sentenceText } from './sentence'

/** The name of a segment; with the pointer on it, what the segment is. */
export function SegmentCard({ segment, className }: { segment: string; className: string | undefined }) {
  const [open, setOpen] = useState(false)
  return (
    <HoverCard openDelay={250} width={340} withRoles={false} position="bottom-start" shadow="md" onOpen={() => setOpen(true)} onClose={() => setOpen(false)}>
      <HoverCard.Target>
        <span className={className}>{segment}</span>
      </HoverCard.Target>
      <HoverCard.Dropdown
        // The card lies on a rule that opens when it is clicked.
        onClick={(event) => event.stopPropagation()}
      >
        {open && <Content segment={segment} />}
      </HoverCard.Dropdown>
    </HoverCard>
  )
}

function Content({ segment }: { segment: string }) {
  const m = useMessages()
  const scope = useScope()
  const { data, isError } = useQuery({ ...segmentCardQuery(scope, segment), retry: false })
  if (isError) {
    return <Text size="sm">{m.segmentCard.missing}</Text>
  }
  if (data === undefined) {
    return <Skeleton height={60} />
  }
  const { name, description, if: condition, includedCount, excludedCount } = data.body
  return (
    <Stack gap={6}>
      <Text size="sm" fw={650} style={{ overflowWrap: 'anywhere' }}>
        {name || segment}
      </Text>
      {description !== '' && (
        <Text size="xs" c="dimmed" lineClamp={3} style={{ overflowWrap: 'anywhere' }}>
          {description}
        </Text>
      )}
      {condition !== null && (
        <Text size="xs" lineClamp={5} style={{ overflowWrap: 'anywhere' }}>
          {sentenceText(condition as Condition, m)}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {m.segmentCard.lists(includedCount, excludedCount)}
      </Text>
      <Anchor component={Link} to="/p/$org/$project/segments/$segment" params={{ ...scope, segment } as never} size="xs">
        {m.segmentCard.open}
      </Anchor>
    </Stack>
  )
}
