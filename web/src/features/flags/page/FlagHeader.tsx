import { Badge, Box, Button, Group, Text, Title } from '@mantine/core'
import { IconChevronRight, IconClockEdit, IconSkull, IconUser } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { CopyKey } from '@/shared/components/CopyKey'
import { FlagTypeIcon } from '@/shared/components/FlagTypeIcon'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { ExperimentChip } from '@/shared/flags/ExperimentChip'
import { flagExperimentsQuery } from '@/shared/flags/flagExperiments'
import { TagBadge } from '@/shared/components/TagBadge'
import { WatchButton } from '@/shared/inbox/WatchButton'
import { useMessages } from '@/shared/i18n/messages'
import { tagsQuery } from '@/shared/project/catalogue'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { KillDialog } from './KillDialog'

type Props = { scope: Scope; flag: FlagView; current: EnvironmentView | undefined }

export function FlagHeader({ scope, flag, current }: Props) {
  const m = useMessages()
  const [killing, setKilling] = useState(false)
  const canToggle = useCan('flag.toggle', scope)
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const { data: experiments = [] } = useQuery(flagExperimentsQuery(scope, flag.key))
  const allKilled = Object.values(flag.environments).every(({ killed }) => killed)

  return (
    <header style={{ marginBottom: 'var(--mantine-spacing-md)' }}>
      <Group gap={4} mb={8} wrap="nowrap">
        <Text component={Link} to="/p/$org/$project/flags" params={scope as never} size="sm" c="var(--mantine-color-anchor)">
          {m.flags.title}
        </Text>
        <IconChevronRight size={14} aria-hidden />
        <CopyKey value={flag.key} size="sm" />
      </Group>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Group gap="sm" wrap="nowrap" align="flex-start" miw={0}>
          <FlagTypeIcon type={flag.type} size={38} />
          <Title order={1} size="h3" mt={4} style={{ overflowWrap: 'anywhere' }}>
            {flag.name || flag.key}
          </Title>
        </Group>
        {canToggle && flag.archivedAt === null && !allKilled && (
          <Button color="red.8" size="md" leftSection={<IconSkull size={20} aria-hidden />} style={{ flex: 'none' }} onClick={() => setKilling(true)}>
            {m.kill.button}
          </Button>
        )}
      </Group>
      {/* Beside the icon where there is room, below it on a phone. */}
      <Box ml={{ base: 0, sm: 50 }} mt={{ base: 8, sm: flag.description === '' ? 0 : -6 }}>
        {flag.description !== '' && (
          <Text c="dimmed" size="sm" maw={720} style={{ overflowWrap: 'anywhere' }}>
            {flag.description}
          </Text>
        )}
        <Group gap={8} mt={8}>
          <Badge variant="light" tt="none" fw={550}>
            {m.flagKinds[flag.kind]}
          </Badge>
          {flag.tags.map((tag) => (
            <TagBadge key={tag} tag={tags.find((item) => item.key === tag) ?? { key: tag, name: tag, color: '' }} />
          ))}
          {experiments.map((experiment) => (
            <ExperimentChip key={experiment} experiment={experiment} />
          ))}
          {flag.owner && (
            <Group gap={4} wrap="nowrap">
              <IconUser size={14} aria-hidden color="var(--mantine-color-dimmed)" />
              <Text size="xs" c="dimmed">
                {flag.owner.name}
              </Text>
            </Group>
          )}
          <WatchButton scope={scope} flag={flag.key} />
          <Group gap={4} wrap="nowrap" visibleFrom="sm">
            <IconClockEdit size={14} aria-hidden color="var(--mantine-color-dimmed)" />
            <Text size="xs" c="dimmed" component="span">
              {flag.updatedBy?.name} <RelativeTime at={flag.updatedAt} />
            </Text>
          </Group>
        </Group>
      </Box>
      {killing && <KillDialog scope={scope} flag={flag} current={current} onClose={() => setKilling(false)} />}
    </header>
  )
}
