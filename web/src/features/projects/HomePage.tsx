import { Anchor, Badge, Button, Center, Loader, Paper, Stack, Text, Title } from '@mantine/core'
import { IconBuilding, IconChevronRight, IconMailQuestion, IconMoodEmpty } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Navigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { MeView } from '@/shared/api/types'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import { may, meQuery, projectsQuery } from '@/shared/project/me'
import { chooseOrganization } from '@/shared/project/organizations'
import { useCreateProject } from './createProject'
import classes from './HomePage.module.css'

const route = getRouteApi('/signedIn/plain/')

/** Leads to the project where the person was last, or to the first one, or says what to do where there is none. */
export function HomePage() {
  const m = useMessages()
  const { org: wanted } = route.useSearch()
  const me = useQuery(meQuery)
  const organization = me.data && chooseOrganization(me.data, wanted)
  const org = organization?.key
  const open = organization !== undefined && organization.requirement === null
  const projects = useQuery({ ...projectsQuery(org ?? ''), enabled: open })
  const [isFirst, setIsFirst] = useState(false)

  if (me.data !== undefined && organization === undefined) {
    return <EmptyState icon={IconMailQuestion} title={m.home.noneTitle} text={m.home.noneText} />
  }
  if (org !== undefined && !open) {
    return <Navigate to="/requirement/$org" params={{ org }} search={{ to: `/?org=${encodeURIComponent(org)}` }} replace />
  }
  if (projects.isError) {
    return <ErrorState page error={projects.error} onRetry={() => void projects.refetch()} />
  }
  if (me.data === undefined || organization === undefined || org === undefined || projects.data === undefined) {
    return (
      <Center py={120}>
        <Loader aria-label={m.common.loading} />
      </Center>
    )
  }
  const last = localStorage.getItem('togglr-project')
  const target = projects.data.find((item) => `${org}/${item.key}` === last) ?? projects.data[0]
  if (target !== undefined) {
    return <Navigate to={isFirst ? '/p/$org/$project/connect' : '/p/$org/$project'} params={{ org, project: target.key }} replace />
  }
  return may(me.data, 'project.create', { org }) ? (
    <FirstProject org={org} organization={organization.name} me={me.data} onCreate={() => setIsFirst(true)} />
  ) : (
    <Stack align="center" gap="xs">
      <EmptyState icon={IconMoodEmpty} title={m.home.noProjectTitle(organization.name)} text={m.home.noProjectText} />
      <Organizations me={me.data} current={org} />
    </Stack>
  )
}

function FirstProject({ org, organization, me, onCreate }: { org: string; organization: string; me: MeView; onCreate: () => void }) {
  const m = useMessages()
  const create = useCreateProject(org)
  const [value, setValue] = useState({ name: '', key: '' })
  const submit = () => {
    onCreate()
    // Not as callbacks of mutate: the new project leads away from this form before they would be called.
    create.mutateAsync({ key: value.key, name: value.name.trim() }).then(
      (project) => showDone(m.projects.created(project.name), m),
      (error: unknown) => showError(m.errors.title, error, m),
    )
  }
  return (
    <Stack align="center" py={48} px="md">
      <Paper className="surface" p="xl" maw={460} w="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Stack>
            <div>
              <Text c="dimmed" size="sm">
                {organization}
              </Text>
              <Title order={1} size="h3">
                {m.projects.emptyTitle}
              </Title>
              <Text c="dimmed">{m.projects.emptyText}</Text>
            </div>
            <NameAndKey
              value={value}
              onChange={setValue}
              nameLabel={m.projects.name}
              isKey={isSimpleKey}
              keyHint={m.common.keyInvalidSimple}
            />
            <Button type="submit" disabled={value.name.trim() === '' || !isSimpleKey(value.key)} loading={create.isPending}>
              {m.projects.create}
            </Button>
          </Stack>
        </form>
      </Paper>
      <Organizations me={me} current={org} />
    </Stack>
  )
}

/** The other organizations, for somebody who has nothing to do in this one. */
function Organizations({ me, current }: { me: MeView; current: string }) {
  const m = useMessages()
  const others = me.organizations.filter(({ key }) => key !== current)
  if (others.length === 0) {
    return null
  }
  return (
    <Paper className="surface" maw={460} w="100%" component="nav" aria-label={m.home.switchOrganization}>
      {others.map(({ key, name, requirement }) => (
        <Anchor key={key} component={Link} to="/" search={{ org: key } as never} className={classes.organization} underline="never">
          <IconBuilding size={18} stroke={1.7} aria-hidden />
          <Text span flex={1} truncate c="var(--mantine-color-text)" fw={500}>
            {name}
          </Text>
          {requirement !== null && (
            <Badge variant="light" color="orange" tt="none" size="sm">
              {requirement === 'sso_required' ? m.home.needsSso : m.home.needsTwoFactor}
            </Badge>
          )}
          <IconChevronRight size={16} aria-hidden />
        </Anchor>
      ))}
    </Paper>
  )
}
