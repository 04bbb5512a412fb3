import { Badge, Group, Tooltip } from '@mantine/core'
import { IconPlugConnected, IconUsersGroup } from '@tabler/icons-react'
import { useMessages } from '../texts/messages'
import type { GrantView } from '../api/types'
import { grantText } from './grantText'

const strength: Record<string, string> = { owner: 'grape', manager: 'brand', member: 'teal', viewer: 'gray' }

type Chip = Pick<GrantView, 'role'> & Partial<Pick<GrantView, 'roleName' | 'project' | 'environment' | 'provider' | 'principal'>>

/** Roles with their scope: "Member · shop / dev". */
export function GrantChips({ grants, groups = [] }: { grants: Chip[]; groups?: { key: string; name: string }[] }) {
  const m = useMessages()
  return (
    <Group gap={5}>
      {grants.map((grant, index) => {
        const via = grant.principal?.kind === 'group' ? grant.principal.name : undefined
        const hint = [via && m.access.viaGroup(via), grant.provider && m.access.viaProvider(grant.provider.name)].filter(Boolean)
        const chip = (
          <Badge
            key={index}
            variant="default"
            size="md"
            tt="none"
            fw={550}
            leftSection={
              grant.provider ? (
                <IconPlugConnected size={12} aria-hidden />
              ) : (
                <span
                  aria-hidden
                  style={{
                    display: 'block',
                    width: 7,
                    height: 7,
                    borderRadius: 7,
                    background: `var(--mantine-color-${strength[grant.role] ?? 'orange'}-6)`,
                  }}
                />
              )
            }
            styles={{ root: { maxWidth: '100%', background: 'var(--togglr-subtle)', borderColor: 'var(--togglr-border)' } }}
          >
            {grantText(grant, m)}
            {via && ` · ${m.access.viaGroup(via)}`}
          </Badge>
        )
        return hint.length === 0 ? (
          chip
        ) : (
          <Tooltip key={index} label={hint.join(', ')}>
            {chip}
          </Tooltip>
        )
      })}
      {groups.map((group) => (
        <Badge
          key={group.key}
          variant="default"
          size="md"
          tt="none"
          fw={500}
          leftSection={<IconUsersGroup size={12} aria-label={m.access.group} />}
          styles={{ root: { maxWidth: '100%', background: 'transparent', borderColor: 'var(--togglr-border)' } }}
        >
          {group.name || group.key}
        </Badge>
      ))}
    </Group>
  )
}
