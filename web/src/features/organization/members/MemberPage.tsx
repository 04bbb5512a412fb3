import { Avatar, Badge, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { memberQuery } from '../api/members'
import { BackLink } from '../parts/BackLink'
import { Effective } from '../parts/Effective'
import { GrantEditor } from '../parts/GrantEditor'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'
import { MemberActions } from './MemberActions'
import { MemberGroups } from './MemberGroups'
import { SignInBadges } from './MembersPage'

const route = getRouteApi('/signedIn/o/$org/members/$id')

export function MemberPage() {
  const m = useMessages()
  const { org, id } = route.useParams()
  const access = useAccess(org)
  const member = useQuery(memberQuery(org, id))
  if (member.isError && member.data === undefined) {
    return <ErrorState page error={member.error} onRetry={() => void member.refetch()} />
  }
  const person = member.data
  if (person === undefined) {
    return (
      <SettingsPage title={m.common.loading} width={900}>
        <Stack>
          <Skeleton height={120} />
          <Skeleton height={160} />
        </Stack>
      </SettingsPage>
    )
  }
  const name = person.name || person.email
  return (
    <SettingsPage
      width={900}
      title={
        <Group gap="sm" wrap="nowrap">
          <Avatar size={40} radius="xl" name={name} color={person.status === 'active' ? 'brand' : 'gray'} aria-hidden />
          <span>{name}</span>
        </Group>
      }
      subtitle={
        <Stack gap={4} mt={4}>
          <Group gap={8}>
            <span style={{ overflowWrap: 'anywhere' }}>{person.email}</span>
            {person.id === access.me?.id && (
              <Badge size="xs" variant="light" tt="none">
                {m.members.you}
              </Badge>
            )}
            {person.status === 'deactivated' && (
              <Badge size="xs" variant="light" color="orange" tt="none">
                {m.members.deactivated}
              </Badge>
            )}
            <SignInBadges member={person} />
          </Group>
          <Text size="xs" component="div">
            {m.members.since} <RelativeTime at={person.since} /> · {m.members.lastSignIn}:{' '}
            {person.lastSignInAt ? <RelativeTime at={person.lastSignInAt} /> : m.common.never}
            {access.can('audit.view') && (
              <>
                {' · '}
                <Text component={Link} to="/o/$org/audit" params={{ org } as never} search={{ actor: id } as never} size="xs" c="var(--mantine-color-anchor)" td="underline">
                  {m.members.activity}
                </Text>
              </>
            )}
          </Text>
        </Stack>
      }
      action={<BackLink to="/o/$org/members" org={org} text={m.members.title} />}
    >
      <Stack>
        <GrantEditor
          org={org}
          principal={{ kind: 'user', id }}
          name={name}
          grants={person.grants}
          text={m.members.rolesText}
        />
        <MemberGroups org={org} member={person} />
        <Section title={m.access.effective} text={m.access.effectiveText}>
          <Effective org={org} principal={{ kind: 'user', id }} name={name} />
        </Section>
        {access.canSomewhere('membership.manage') && <MemberActions org={org} member={person} own={person.id === access.me?.id} />}
      </Stack>
    </SettingsPage>
  )
}
