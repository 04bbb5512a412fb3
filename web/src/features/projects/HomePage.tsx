import { Button, Center, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { session } from '@/shared/api/session'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { isSimpleKey } from '@/shared/components/keys'
import { Logo } from '@/shared/components/Logo'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery, projectsQuery } from '@/shared/project/me'
import { useCreateProject } from './createProject'

/** Leads to the project where the person was last, or to the first one, or to making one. */
export function HomePage() {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const org = me?.organizations[0]?.key
  const projects = useQuery({ ...projectsQuery(org ?? ''), enabled: org !== undefined })

  if (me !== undefined && org === undefined) {
    return (
      <Center mih="100dvh" p="md" component="main">
        <Stack align="center">
          <Logo size={36} />
          <Text>{m.auth.noOrganization}</Text>
          <Button variant="default" onClick={() => void session.logout().then(() => location.assign('/login'))}>
            {m.app.signOut}
          </Button>
        </Stack>
      </Center>
    )
  }
  if (projects.isError) {
    return <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
  }
  if (org === undefined || projects.data === undefined) {
    return null
  }
  const last = localStorage.getItem('togglr-project')
  const target = projects.data.find((item) => `${org}/${item.key}` === last) ?? projects.data[0]
  return target === undefined ? (
    <FirstProject org={org} />
  ) : (
    <Navigate to="/p/$org/$project/flags" params={{ org, project: target.key }} replace />
  )
}

function FirstProject({ org }: { org: string }) {
  const m = useMessages()
  const navigate = useNavigate()
  const create = useCreateProject(org)
  const [value, setValue] = useState({ name: '', key: '' })
  const submit = () =>
    create.mutate(
      { key: value.key, name: value.name.trim() },
      {
        onSuccess: (project) => {
          showDone(m.projects.created(project.name), m)
          void navigate({ to: '/p/$org/$project/flags', params: { org, project: project.key } })
        },
        onError: (error) => showError(m.errors.title, error, m),
      },
    )
  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper className="surface" p="xl" maw={460} w="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Stack>
            <Logo />
            <div>
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
            <Button
              type="submit"
              disabled={value.name.trim() === '' || !isSimpleKey(value.key)}
              loading={create.isPending}
            >
              {m.projects.create}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
